{{- /* A pod's name is its host name, of at most 63 characters. */ -}}
{{- define "wfe-webhook.testName" -}}
{{- include "wfe-webhook.fullname" . | trunc 56 | trimSuffix "-" }}-doctor
{{- end -}}

{{- define "wfe-webhook.testLabels" -}}
{{ include "wfe-webhook.testSelectorLabels" . }}
{{ include "wfe-webhook.commonLabels" . }}
{{- end -}}

{{- /* Nothing stays but the pod of a test that failed, for its log; the next test removes it. */ -}}
{{- define "wfe-webhook.testAnnotations" -}}
helm.sh/hook: test
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{- define "wfe-webhook.testSubject" -}}
- kind: ServiceAccount
  name: {{ include "wfe-webhook.testName" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
{{- end -}}
