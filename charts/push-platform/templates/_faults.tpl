{{/* All that is wrong with the values and that a schema cannot say, at once. */}}
{{- define "push-platform.faults" -}}
{{- range tuple "redis" "rabbitmq" }}
{{- $server := index $.Values . }}
{{- $given := 0 }}
{{- range tuple $server.address $server.secret.name $server.bundled.enabled }}{{ if . }}{{ $given = add1 $given }}{{ end }}{{ end }}
{{- if ne (int $given) 1 }}
{{ . }}: give one of {{ . }}.address, {{ . }}.secret.name and {{ . }}.bundled.enabled, not {{ $given }} of them
{{- end }}
{{- end }}
{{- if regexMatch "(?i)(^|,)\\s*(password|user)\\s*=" .Values.redis.address }}
redis.address holds a password or a user: keep the whole address in a Secret and name that in redis.secret
{{- end }}
{{- if regexMatch "^[a-z]+://[^/@]*:[^/@]*@" .Values.rabbitmq.address }}
rabbitmq.address holds a password: keep the whole address in a Secret and name that in rabbitmq.secret
{{- end }}
{{- if and .Values.pool.enabled (not .Values.pool.spec.auth) }}
pool.spec.auth.type: say how cars say who they are: Token (with token.keysSecretRef), or None for trials and closed networks
{{- end }}
{{- if and (or .Values.nginx.enabled .Values.ingress.enabled) (not .Values.pool.enabled) }}
nginx and ingress stand in front of the default pool: pool.enabled has to be true
{{- end }}
{{- if and .Values.nginx.enabled (.Values.pool.spec.tls) }}
nginx speaks plain WebSocket to the nodes: leave pool.spec.tls out and set nginx.tls.secretName
{{- end }}
{{- end -}}
