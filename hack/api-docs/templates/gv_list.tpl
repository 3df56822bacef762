{{- define "gvList" -}}
# API reference

<!-- Generated from the types in api/ by `make docs`; change those. -->

The rules are what the API server checks at every apply; each is said in its refusal too. `kubectl explain member.spec`, and so on, shows the same text.
{{ range . }}
{{ template "gvDetails" . }}
{{- end }}
{{- "\n" -}}
{{- end -}}
