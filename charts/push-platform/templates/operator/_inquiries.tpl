{{/* "true" where the operator answers questions about cars. Whose token it is shown is asked of the whole cluster: a release that keeps to its namespace does not do it unasked. */}}
{{- define "push-platform.inquiries" -}}
{{- if kindIs "invalid" .Values.inquiries.enabled }}{{ .Values.watchAllNamespaces | ternary "true" "" }}{{ else if .Values.inquiries.enabled }}true{{ end }}
{{- end -}}
