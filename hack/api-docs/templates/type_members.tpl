{{- define "field" -}}
{{- $rules := list -}}
{{- range .Validation -}}
  {{- $rule := . | replace ": {}" "" -}}
  {{- if and (ne $rule "Optional") (not (hasPrefix "Enum:" $rule)) -}}
    {{- if hasPrefix "Pattern:" $rule -}}
      {{- $rule = printf "Pattern: `%s`" (trimPrefix "Pattern: " $rule | trimAll "`") -}}
    {{- end -}}
    {{- if hasPrefix "items:XValidation:" $rule -}}
      {{- $rule = regexFind "[a-z][a-z ]+:.*" (regexReplaceAll "^items:XValidation: .self[.]matches[^ ]* " $rule "items: ") | trimSuffix "}" | trim | trimSuffix "<nil>" | trim -}}
    {{- end -}}
    {{- $rules = append $rules ($rule | replace "|" "\\|") -}}
  {{- end -}}
{{- end -}}
{{- range index .Markers "kubebuilder:validation:XValidation" -}}
  {{- $rules = append $rules (.Message | replace "|" "\\|") -}}
{{- end -}}
| `{{ .Name }}` _{{ markdownRenderType .Type }}_ | {{ .Doc | replace "\n\n" "<br />" | replace "\n" " " | replace "|" "\\|" }} | {{ with .Default }}`{{ . }}`{{ end }} | {{ join "<br />" $rules }} |
{{- end -}}
