{{- define "wfe-webhook.spread" -}}
# The scheduler ignores nodes that lack the key of any spread constraint, and not all have a zone: that is a preference below.
topologySpreadConstraints:
- topologyKey: kubernetes.io/hostname
  maxSkew: 1
  whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" (eq .Values.spread "required") }}
  # A node that is being drained does not count, so that its replica can go to another one.
  nodeTaintsPolicy: Honor
  labelSelector:
    matchLabels:
      {{- include "wfe-webhook.selectorLabels" . | nindent 6 }}
  # Those of the rollout before do not count.
  matchLabelKeys:
  - pod-template-hash
affinity:
{{- with .Values.affinity }}
  {{- toYaml . | nindent 2 }}
{{- else }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels:
            {{- include "wfe-webhook.selectorLabels" . | nindent 12 }}
        matchLabelKeys:
        - pod-template-hash
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
{{- toYaml . | nindent 0 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ quote . }}
{{- end }}
{{- end -}}
