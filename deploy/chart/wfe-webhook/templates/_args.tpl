{{- /* YAML reads a bare `off` as false. */ -}}
{{- define "wfe-webhook.word" -}}
{{- ternary "off" (toString .) (eq (toString .) "false") -}}
{{- end -}}

{{- define "wfe-webhook.tlsArgs" -}}
{{- $fullname := include "wfe-webhook.fullname" . -}}
{{- if eq .Values.tls.mode "selfManaged" }}
- --self-managed-tls
- --service={{ .Release.Namespace }}/{{ $fullname }}
- --secret={{ include "wfe-webhook.caSecret" . }}
- --webhook-configuration={{ $fullname }}
{{- else }}
- --tls-cert=/tls/tls.crt
- --tls-key=/tls/tls.key
{{- end }}
{{- if .Values.clientCertificates.name }}
- --client-ca=/client-ca/ca.crt
{{- range .Values.clientCertificates.names }}
- {{ printf "--client-name=%s" . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "wfe-webhook.policyArgs" -}}
- --mode={{ .Values.policy.mode }}
- --vocabulary={{ .Values.policy.vocabulary }}
{{- range $rule, $action := .Values.policy.rules }}
- --rule={{ $rule }}={{ include "wfe-webhook.word" $action }}
{{- end }}
{{- range .Values.policy.extraTypes }}
- --extra-type={{ . }}
{{- end }}
{{- range $type, $reasons := .Values.policy.extraReasons }}
{{- range $reasons }}
- --extra-reason={{ $type }}={{ . }}
{{- end }}
{{- end }}
{{- range .Values.policy.exemptUsers }}
- {{ printf "--exempt-user=%s" . | quote }}
{{- end }}
{{- range .Values.policy.exemptGroups }}
- {{ printf "--exempt-group=%s" . | quote }}
{{- end }}
{{- if ne (toString .Values.completion) "" }}
- --completion={{ include "wfe-webhook.word" .Values.completion }}
{{- end }}
{{- end -}}

{{- define "wfe-webhook.serverArgs" -}}
- --listen=[::]:{{ .Values.containerPorts.https }}
- --admin-listen=[::]:{{ .Values.containerPorts.admin }}
{{- if .Values.events.enabled }}
- --events
{{- end }}
{{- with .Values.server }}
- --max-in-flight={{ int64 .maxInFlight }}
- --max-connections={{ int64 .maxConnections }}
- --handshake-timeout={{ .handshakeTimeout }}
- --head-timeout={{ .headTimeout }}
- --body-timeout={{ .bodyTimeout }}
- --idle-timeout={{ .idleTimeout }}
- --drain-delay={{ .drainDelaySeconds }}s
- --drain-timeout={{ .drainTimeoutSeconds }}s
- --log-format={{ .logFormat }}
- --log-level={{ include "wfe-webhook.word" .logLevel }}
{{- range .extraArgs }}
- {{ quote . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "wfe-webhook.args" -}}
- serve
{{- include "wfe-webhook.tlsArgs" . }}
{{ include "wfe-webhook.policyArgs" . }}
{{ include "wfe-webhook.serverArgs" . }}
{{- end -}}
