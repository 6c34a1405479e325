{{- define "wfe-webhook.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The name of all objects. A Service's name has no dots and is at most 63 characters long. */ -}}
{{- define "wfe-webhook.fullname" -}}
{{- $name := include "wfe-webhook.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | replace "." "-" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "wfe-webhook.tlsSecret" -}}
{{- $default := printf "%s-tls" (include "wfe-webhook.fullname" .) -}}
{{- ternary (default $default .Values.tls.files.secretName) $default (eq .Values.tls.mode "files") -}}
{{- end -}}

{{- /* Also the Secret of the webhook's own CA: so a change of tls.mode keeps the CA. */ -}}
{{- define "wfe-webhook.caSecret" -}}
{{- include "wfe-webhook.fullname" . }}-ca
{{- end -}}

{{- define "wfe-webhook.image" -}}
{{- $digest := ternary "" (printf "@%s" .Values.image.digest) (empty .Values.image.digest) -}}
{{- printf "%s:%s%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) $digest -}}
{{- end -}}
