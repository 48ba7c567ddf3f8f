{{/* What objects are called: the release's name, with the chart's where it does not say so itself. */}}
{{- define "push-platform.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "push-platform.serviceAccount" -}}
{{- default (printf "%s-operator" (include "push-platform.fullname" .)) .Values.operator.serviceAccount.name -}}
{{- end -}}

{{/* The Service that the operator makes for the default pool (PoolManifests.ObjectName), and its port. */}}
{{- define "push-platform.poolService" -}}push-{{ .Values.pool.name }}{{- end -}}
{{- define "push-platform.poolPort" -}}
{{- (.Values.pool.spec.service).port | default 8080 | int -}}
{{- end -}}

{{/* What tells one part of a release from all other pods. Never changed: a selector cannot be. Takes (list $ "part"). */}}
{{- define "push-platform.selector" -}}
app.kubernetes.io/name: push-platform
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of pods. No version among them: what an upgrade of the chart alone does not change is not restarted by it. Takes (list $ "part"). */}}
{{- define "push-platform.podLabels" -}}
{{ include "push-platform.selector" . }}
app.kubernetes.io/part-of: push-platform
{{- end -}}

{{/* Labels of every object. Takes (list $ "part"). */}}
{{- define "push-platform.labels" -}}
{{- $root := index . 0 -}}
{{ include "push-platform.podLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* repository:tag@digest. Takes (list $ image). */}}
{{- define "push-platform.image" -}}
{{- $image := index . 1 -}}
{{- printf "%s:%s" $image.repository (default (index . 0).Chart.AppVersion $image.tag) -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* How long nginx bears silence: three times what the node pings in (push-node/nginx/push-location.conf). */}}
{{- define "push-platform.silenceSeconds" -}}
{{- mul 3 ((.Values.pool.spec.heartbeat).intervalSeconds | default 5) -}}
{{- end -}}
