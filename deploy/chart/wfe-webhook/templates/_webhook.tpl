{{- define "wfe-webhook.configurationMetadata" -}}
name: {{ include "wfe-webhook.fullname" . | quote }}
labels:
  {{- include "wfe-webhook.labels" . | nindent 2 }}
{{- if or .Values.webhooks.annotations (eq .Values.tls.mode "certManager") }}
annotations:
  {{- with .Values.webhooks.annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if eq .Values.tls.mode "certManager" }}
  # By it cert-manager's injector writes the caBundle.
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "wfe-webhook.fullname" . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* Where a webhook is called. The caBundle is not the chart's but in mode files: server or injector write it. */ -}}
{{- define "wfe-webhook.clientConfig" -}}
service:
  namespace: {{ .root.Release.Namespace | quote }}
  name: {{ include "wfe-webhook.fullname" .root | quote }}
  port: {{ .root.Values.service.port }}
  path: {{ .path }}
{{- if eq .root.Values.tls.mode "files" }}
{{- with .root.Values.tls.files.caBundle }}
caBundle: {{ b64enc . }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Which writes it is called for. Where nothing is to say, it is not: the expressions are the program's. */ -}}
{{- define "wfe-webhook.matches" -}}
matchPolicy: Equivalent
{{- with .root.Values.webhooks.namespaceSelector }}
namespaceSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or .root.Values.webhooks.skipNeedlessCalls .root.Values.webhooks.matchConditions }}
matchConditions:
{{- if .root.Values.webhooks.skipNeedlessCalls }}
- name: something-to-say
  expression: |-
    {{- .root.Files.Get (printf "match-conditions/%s.cel" .expression) | trim | nindent 4 }}
{{- end }}
{{- with .root.Values.webhooks.matchConditions }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}
rules:
# Both groups are in one rule, since Equivalent does not link them and a group without a CRD does no harm.
- apiGroups:
  - workflowexecution.kubernaut.ai
  - kubernaut.ai
  apiVersions:
  - "*"
  operations:
  - UPDATE
  resources:
  - workflowexecutions/status
  scope: Namespaced
{{- end -}}
