{{- define "gvList" -}}
# API reference

<!-- Generated from the types in api/ by `make docs`. Change the types, not this file. -->

The API server checks the rules in every request, and returns the text of a rule that a request breaks. `kubectl explain member.spec` shows the same descriptions.
{{ range . }}
{{ template "gvDetails" . }}
{{- end }}
{{- "\n" -}}
{{- end -}}
