{{- define "type" -}}
{{- if markdownShouldRenderType . }}

### {{ .Name }}

{{ .Doc | replace "\n" " " }}
{{- if .References }}

Used by {{ range $i, $type := .SortedReferences }}{{ if $i }}, {{ end }}{{ markdownRenderTypeLink $type }}{{ end }}.
{{- end }}
{{- range index .Markers "kubebuilder:validation:XValidation" }}

Rule: {{ .Message }}.
{{- end }}
{{- if .Members }}

| field | meaning | default | rules |
| --- | --- | --- | --- |
{{- range .Members }}
{{- if ne .Name "metadata" }}
{{ template "field" . }}
{{- end }}
{{- end }}
{{- end }}
{{- if .EnumValues }}

| value | meaning |
| --- | --- |
{{- range .EnumValues }}
| `{{ .Name }}` | {{ .Doc | replace "\n" " " | trim | replace "|" "\\|" }} |
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
