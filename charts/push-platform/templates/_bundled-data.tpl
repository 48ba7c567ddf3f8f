{{/* Addresses and configuration of the bundled servers, as a Secret's data. The password is kept over upgrades. */}}
{{- define "push-platform.bundledData" -}}
{{- $existing := lookup "v1" "Secret" .Release.Namespace (include "push-platform.bundledSecret" .) }}
{{- $password := .Values.bundledPassword }}
{{- if not $password }}{{ $password = (($existing).data).password | default "" | b64dec }}{{ end }}
{{- if not $password }}
{{- /* Once a rendering: this file is also rendered for the checksums of those who read it. */}}
{{- if not (hasKey .Values "madeUpPassword") }}{{ $_ := set .Values "madeUpPassword" (randAlphaNum 32) }}{{ end }}
{{- $password = .Values.madeUpPassword }}
{{- end }}
{{- $host := printf "%s-%%s.%s.svc" (include "push-platform.fullname" .) .Release.Namespace }}
password: {{ $password | quote }}
{{- if .Values.redis.bundled.enabled }}
redis: {{ printf "%s:6379,password=%s" (printf $host "redis") $password | quote }}
redis.conf: |
  requirepass {{ $password }}
  dir /data
  # The ledger: every write is in the file within a second.
  appendonly yes
  appendfsync everysec
  # An evicted key would be a forgotten car: rather refuse the write.
  maxmemory {{ .Values.redis.bundled.maxMemory }}
  maxmemory-policy noeviction
{{- end }}
{{- if .Values.rabbitmq.bundled.enabled }}
rabbitmq: {{ printf "amqp://push:%s@%s:5672" $password (printf $host "rabbitmq") | quote }}
rabbitmq.conf: |
  default_user = push
  default_pass = {{ $password }}
  # The container's, not the machine's: what RabbitMQ sees of memory is not what it may use.
  vm_memory_high_watermark.absolute = 256MB
  log.console = true
{{- end }}
{{- end -}}
