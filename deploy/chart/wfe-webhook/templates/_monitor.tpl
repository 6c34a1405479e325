{{- define "wfe-webhook.monitorMetadata" -}}
name: {{ include "wfe-webhook.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "wfe-webhook.labels" . | nindent 2 }}
  {{- with .Values.monitor.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "wfe-webhook.endpoint" -}}
- port: admin
  path: /metrics
  interval: {{ .Values.monitor.interval }}
{{- end -}}
