{{- /* What the restricted Pod Security Standard asks for, and more. The ids are left to the cluster where they are null. */ -}}
{{- define "wfe-webhook.podSecurityContext" -}}
runAsNonRoot: true
{{- with .Values.securityContext.runAsUser }}
runAsUser: {{ int64 . }}
{{- end }}
{{- with .Values.securityContext.runAsGroup }}
runAsGroup: {{ int64 . }}
{{- end }}
{{- with .Values.securityContext.fsGroup }}
# Lets the group read mounted certificates.
fsGroup: {{ int64 . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "wfe-webhook.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
  - ALL
{{- end -}}

{{- define "wfe-webhook.pullSecrets" -}}
{{- with .Values.image.pullSecrets -}}
imagePullSecrets:
{{- toYaml . | nindent 0 }}
{{- end -}}
{{- end -}}

{{- define "wfe-webhook.volumeMounts" -}}
{{- if ne .Values.tls.mode "selfManaged" }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- if .Values.clientCertificates.name }}
- name: client-ca
  mountPath: /client-ca
  readOnly: true
{{- end }}
{{- end -}}

{{- /* 288 is 0440 as a decimal number, which every YAML parser reads alike. */ -}}
{{- define "wfe-webhook.volumes" -}}
{{- if ne .Values.tls.mode "selfManaged" }}
- name: tls
  secret:
    secretName: {{ include "wfe-webhook.tlsSecret" . | quote }}
    defaultMode: 288
{{- end }}
{{- with .Values.clientCertificates }}
{{- if .name }}
- name: client-ca
  {{- if eq .kind "Secret" }}
  secret:
    secretName: {{ .name | quote }}
  {{- else }}
  configMap:
    name: {{ .name | quote }}
  {{- end }}
    defaultMode: 288
    items:
    - key: {{ .key | quote }}
      path: ca.crt
{{- end }}
{{- end }}
{{- end -}}
