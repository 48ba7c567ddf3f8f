{{/* The Secret with the bundled servers' addresses. Push nodes read it too, so it is also what pools in other namespaces need a copy of. */}}
{{- define "push-platform.bundledSecret" -}}
{{ include "push-platform.fullname" . }}-servers
{{- end -}}

{{/* Which Secret and key hold the address of a server; empty when it is a plain one. Takes (list $ "redis" | "rabbitmq"). */}}
{{- define "push-platform.serverSecret" -}}
{{- $root := index . 0 -}}
{{- $server := index $root.Values (index . 1) -}}
{{- if $server.bundled.enabled -}}
{{ include "push-platform.bundledSecret" $root }}/{{ index . 1 }}
{{- else if $server.secret.name -}}
{{ $server.secret.name }}/{{ $server.secret.key }}
{{- end -}}
{{- end -}}

{{/* One server's variables of the operator. Takes (list $ "redis" | "rabbitmq"). */}}
{{- define "push-platform.serverEnv" -}}
{{- $name := printf "PUSH_OPERATOR_%s" (upper (index . 1)) -}}
{{- $secret := include "push-platform.serverSecret" . -}}
{{- if $secret -}}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: {name: {{ first (splitList "/" $secret) }}, key: {{ last (splitList "/" $secret) }}}
# Push nodes read it themselves: no password is copied into a Deployment.
- name: {{ printf "PUSH_OPERATOR_NODE_%s_SECRET" (upper (index . 1)) }}
  value: {{ $secret }}
{{- else -}}
- name: {{ $name }}
  value: {{ (index (index . 0).Values (index . 1)).address | quote }}
{{- end -}}
{{- end -}}
