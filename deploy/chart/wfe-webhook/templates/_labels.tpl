{{- /* These never change: a Deployment's selector is immutable. */ -}}
{{- define "wfe-webhook.selectorLabels" -}}
app.kubernetes.io/name: {{ include "wfe-webhook.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "wfe-webhook.chartLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "wfe-webhook.ownLabels" -}}
{{ include "wfe-webhook.selectorLabels" . }}
{{ include "wfe-webhook.chartLabels" . }}
{{- end -}}

{{- define "wfe-webhook.commonLabels" -}}
{{ include "wfe-webhook.chartLabels" . }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "wfe-webhook.labels" -}}
{{ include "wfe-webhook.selectorLabels" . }}
{{ include "wfe-webhook.commonLabels" . }}
{{- end -}}

{{- /* Of `helm test`: another name, so that neither Service nor budget selects its pod. */ -}}
{{- define "wfe-webhook.testSelectorLabels" -}}
app.kubernetes.io/name: {{ include "wfe-webhook.name" . | trunc 58 | trimSuffix "-" }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}
