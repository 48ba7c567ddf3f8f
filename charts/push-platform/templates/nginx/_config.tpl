{{/* nginx' configuration, as a ConfigMap's data: push-node/nginx, and what its README shows around it. */}}
{{- define "push-platform.nginxData" -}}
nginx.conf: |
  pid /tmp/nginx.pid;
  error_log stderr;
  worker_processes auto;
  worker_rlimit_nofile {{ mul 2 .Values.nginx.workerConnections }};
  # After a change of this file, or at its end, nginx lets go of its cars within this time; they come back, with jitter.
  worker_shutdown_timeout 60s;
  events { worker_connections {{ .Values.nginx.workerConnections }}; }

  http {
      # The root is read-only.
      client_body_temp_path /tmp/client;
      proxy_temp_path /tmp/proxy;
      fastcgi_temp_path /tmp/fastcgi;
      uwsgi_temp_path /tmp/uwsgi;
      scgi_temp_path /tmp/scgi;
      server_tokens off;
      include push-http.conf;

      upstream push_nodes {
          server {{ include "push-platform.fullname" . }}-nginx-upstream.{{ .Release.Namespace }}.svc:8080;
      }

      server {
          listen {{ if .Values.nginx.tls.secretName }}8443 ssl{{ else }}8080{{ end }};
          {{- if .Values.nginx.tls.secretName }}
          ssl_certificate /etc/push-nginx-tls/tls.crt;
          ssl_certificate_key /etc/push-nginx-tls/tls.key;
          {{- end }}
          include push-location.conf;
          location / { return 404; }
      }

      server {
          listen 8081;
          location = /healthz { return 200 "ok\n"; }
          location / { return 404; }
      }
  }
push-http.conf: |
  {{- .Files.Get "files/nginx/push-http.conf" | nindent 2 }}
push-location.conf: |
  {{- .Files.Get "files/nginx/push-location.conf" | replace "_timeout 15s;" (printf "_timeout %ss;" (include "push-platform.silenceSeconds" .)) | nindent 2 }}
{{- end -}}
