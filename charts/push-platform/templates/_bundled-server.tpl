{{/*
A single instance for trials: a StatefulSet, because at no time may two of them run, and its Service.
Takes (dict "root" $ "part" … "port" … "args" … "env" … "data" …): data is where it keeps what it has.
*/}}
{{- define "push-platform.bundledServer" -}}
{{- $root := .root -}}
{{- $values := (index $root.Values .part).bundled -}}
{{- $name := printf "%s-%s" (include "push-platform.fullname" $root) .part -}}
{{- $labels := list $root .part -}}
{{- $persistent := ($values.persistence).enabled -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "push-platform.labels" $labels | nindent 4 }}
spec:
  selector:
    {{- include "push-platform.selector" $labels | nindent 4 }}
  ports:
    - {name: {{ .part }}, port: {{ .port }}, targetPort: {{ .part }}, protocol: TCP}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "push-platform.labels" $labels | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ $name }}
  selector:
    matchLabels:
      {{- include "push-platform.selector" $labels | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "push-platform.podLabels" $labels | nindent 8 }}
      annotations:
        checksum/servers: {{ include "push-platform.bundledData" $root | sha256sum }}
    spec:
      {{- include "push-platform.podSecurity" (dict "pullSecrets" $root.Values.imagePullSecrets) | nindent 6 }}
      containers:
        - name: {{ .part }}
          image: {{ include "push-platform.image" (list $root $values.image) }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          {{- include "push-platform.containerSecurity" . | nindent 10 }}
          command: {{ toJson $values.command }}
          {{- with .args }}
          args: {{ toJson . }}
          {{- end }}
          {{- with .env }}
          env:
            {{- range $key, $value := . }}
            - {name: {{ $key }}, value: {{ $value | quote }}}
            {{- end }}
          {{- end }}
          ports:
            - {name: {{ .part }}, containerPort: {{ .port }}, protocol: TCP}
          startupProbe:
            tcpSocket: {port: {{ .part }}}
            periodSeconds: 2
            failureThreshold: 60
          readinessProbe:
            tcpSocket: {port: {{ .part }}}
            periodSeconds: 5
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - {name: config, mountPath: /etc/push, readOnly: true}
            - {name: data, mountPath: {{ .data }}}
            - {name: tmp, mountPath: /tmp}
      volumes:
        - name: config
          secret:
            secretName: {{ include "push-platform.bundledSecret" $root }}
            items:
              - {key: {{ .part }}.conf, path: {{ .part }}.conf}
        - {name: tmp, emptyDir: {}}
        {{- if not $persistent }}
        - {name: data, emptyDir: {}}
        {{- end }}
  {{- if $persistent }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $values.persistence.storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ $values.persistence.size }}
  {{- end }}
{{- end -}}
