{{- define "wfe-webhook.monitorMetadata" -}}
name: {{ include "wfe-webhook.fullname" . | quote }}
namespace: {{ .Release.Namespace | quote }}
labels:
  {{- include "wfe-webhook.ownLabels" . | nindent 2 }}
  {{- with mergeOverwrite (deepCopy .Values.labels) .Values.monitor.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "wfe-webhook.endpoint" -}}
- port: admin
  path: /metrics
  interval: {{ .Values.monitor.interval }}
{{- end -}}
