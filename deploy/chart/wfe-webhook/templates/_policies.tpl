{{- /* Texts as CEL literals. */ -}}
{{- define "wfe-webhook.celTexts" -}}
{{- $texts := list -}}
{{- range . -}}
{{- $texts = append $texts (printf "'%s'" (. | replace "\\" "\\\\" | replace "'" "\\'")) -}}
{{- end -}}
{{- join ", " $texts -}}
{{- end -}}

{{- /* Fills a place in the lists of an expression, and removes it where there is nothing for it. */ -}}
{{- define "wfe-webhook.celFilled" -}}
{{- $place := printf "'%s'" .place -}}
{{- with include "wfe-webhook.celTexts" .texts -}}
{{- $.cel | replace $place . -}}
{{- else -}}
{{- .cel | replace (printf "%s, " $place) "" | replace (printf ", %s" $place) "" | replace $place "" -}}
{{- end -}}
{{- end -}}

{{- /* What `/mutate` would do, where no value says it too. */ -}}
{{- define "wfe-webhook.completion" -}}
{{- default (ternary "audit" "patch" (eq .Values.policy.mode "audit")) (include "wfe-webhook.word" .Values.completion) -}}
{{- end -}}

{{- /* Variables of the pieces: the alternative that the values choose, with what they add. */ -}}
{{- define "wfe-webhook.policyVariables" -}}
{{- $policy := .root.Values.policy -}}
{{- /* Where nothing completes, a condition with the webhook's mark is one like any other. */ -}}
{{- $someCompletes := or .root.Values.webhook.enabled .root.Values.policies.completion -}}
{{- $completion := ternary "patch" "other" (and $someCompletes (eq (include "wfe-webhook.completion" .root) "patch")) -}}
{{- range .variables -}}
{{- $cel := .expression }}
{{- if kindIs "map" $cel }}
{{- $cel = index $cel (ternary $policy.vocabulary $completion (hasKey $cel $policy.vocabulary)) }}
{{- end }}
{{- $cel = include "wfe-webhook.celFilled" (dict "cel" $cel "place" "EXTRA_TYPES" "texts" $policy.extraTypes) }}
{{- if contains "'ExtraReasonsOf" $cel }}
{{- range regexFindAll "'ExtraReasonsOf[A-Za-z]+'" $cel -1 | uniq }}
{{- $place := trimAll "'" . }}
{{- $reasons := get $policy.extraReasons (trimPrefix "ExtraReasonsOf" $place) | default list }}
{{- $cel = include "wfe-webhook.celFilled" (dict "cel" $cel "place" $place "texts" $reasons) }}
{{- end }}
{{- end }}
- name: {{ .name }}
  expression: |-
    {{- $cel | nindent 4 }}
{{ end }}
{{- end -}}

{{- /* Which writes a policy is for: no exempt user's, and those that meet the further conditions of the webhooks. */ -}}
{{- define "wfe-webhook.policyMatches" -}}
{{- $policy := .root.Values.policy -}}
{{- $conditions := list -}}
{{- if or $policy.exemptUsers $policy.exemptGroups -}}
{{- $who := ternary "usersAndGroups" (ternary "users" "groups" (not (empty $policy.exemptUsers))) (and (not (empty $policy.exemptUsers)) (not (empty $policy.exemptGroups))) -}}
{{- $condition := get .pieces.exempt $who -}}
{{- $cel := include "wfe-webhook.celFilled" (dict "cel" $condition.expression "place" "EXEMPT_USERS" "texts" $policy.exemptUsers) -}}
{{- $cel = include "wfe-webhook.celFilled" (dict "cel" $cel "place" "EXEMPT_GROUPS" "texts" $policy.exemptGroups) -}}
{{- $conditions = append $conditions (dict "name" $condition.name "expression" $cel) -}}
{{- end -}}
matchConstraints:
  {{- toYaml .pieces.matchConstraints | nindent 2 }}
matchConditions:
# What a webhook would have nothing to do for.
- name: something-to-say
  expression: |-
    {{- .root.Files.Get (printf "match-conditions/%s.cel" .expression) | trim | nindent 4 }}
{{- with concat $conditions .root.Values.webhooks.matchConditions }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end -}}

{{- define "wfe-webhook.policyMetadata" -}}
metadata:
  name: {{ include "wfe-webhook.fullname" .root }}-{{ .name }}
  labels:
    {{- include "wfe-webhook.labels" .root | nindent 4 }}
{{- end -}}

{{- /* Where a policy holds. The policy itself stays what the program prints, whatever namespaces are chosen. */ -}}
{{- define "wfe-webhook.policyBinding" -}}
policyName: {{ include "wfe-webhook.fullname" .root }}-{{ .name }}
{{- with .root.Values.webhooks.namespaceSelector }}
matchResources:
  namespaceSelector:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{- /* The action of a rule under the mode. */ -}}
{{- define "wfe-webhook.ruleAction" -}}
{{- $policy := .root.Values.policy -}}
{{- $action := ternary (include "wfe-webhook.word" (get $policy.rules .rule.id)) .rule.action (hasKey $policy.rules .rule.id) -}}
{{- $strictness := dict "off" 0 "audit" 1 "warn" 2 "deny" 3 "enforce" 3 -}}
{{- index (list "off" "audit" "warn" "deny") (min (get $strictness $action) (get $strictness $policy.mode) | int) -}}
{{- end -}}
