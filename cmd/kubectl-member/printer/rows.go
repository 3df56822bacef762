package printer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"sigs.k8s.io/yaml"
)

// NameWriter writes one text a line.
type NameWriter struct{ To io.Writer }

func (l NameWriter) WriteRows(rows [][]string) error {
	var text strings.Builder
	for _, row := range rows {
		text.WriteString(row[0] + "\n")
	}
	_, err := io.WriteString(l.To, text.String())
	return err
}

func (NameWriter) Close() error { return nil }

// CSVWriter writes comma-separated values (RFC 4180).
type CSVWriter struct {
	To      *csv.Writer
	Headers []string
}

func (s *CSVWriter) WriteRows(rows [][]string) error {
	if s.Headers != nil {
		if err := s.To.Write(s.Headers); err != nil {
			return err
		}
		s.Headers = nil
	}
	return s.To.WriteAll(rows)
}

func (s *CSVWriter) Close() error { return s.WriteRows(nil) }

// NewList returns a writer of a List in JSON or YAML.
func NewList(format string, to io.Writer) RowWriter {
	if format == FormatYAML {
		return &yamlList{to: to}
	}
	return &jsonList{to: to}
}

// jsonList writes a List, item by item, so that it need not be held as a whole.
type jsonList struct {
	to    io.Writer
	begun bool
}

func (l *jsonList) WriteRows(rows [][]string) error {
	var text bytes.Buffer
	for _, row := range rows {
		separator := ",\n        "
		if !l.begun {
			separator = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        "
		}
		l.begun = true
		text.WriteString(separator)
		if err := json.Indent(&text, []byte(row[0]), "        ", "    "); err != nil {
			return err
		}
	}
	_, err := l.to.Write(text.Bytes())
	return err
}

func (l *jsonList) Close() error {
	end := "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
	if !l.begun {
		end = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
	}
	_, err := io.WriteString(l.to, end)
	return err
}

// yamlList does the same in YAML.
type yamlList struct {
	to    io.Writer
	begun bool
}

func (l *yamlList) WriteRows(rows [][]string) error {
	var text bytes.Buffer
	for _, row := range rows {
		if !l.begun {
			text.WriteString("apiVersion: v1\nitems:\n")
		}
		l.begun = true
		item, err := yaml.JSONToYAML([]byte(row[0]))
		if err != nil {
			return err
		}
		indent := "- "
		for line := range bytes.Lines(item) {
			if len(line) > 1 {
				text.WriteString(indent)
			}
			text.Write(line)
			indent = "  "
		}
	}
	_, err := l.to.Write(text.Bytes())
	return err
}

func (l *yamlList) Close() error {
	end := "kind: List\nmetadata:\n  resourceVersion: \"\"\n"
	if !l.begun {
		end = "apiVersion: v1\nitems: []\n" + end
	}
	_, err := io.WriteString(l.to, end)
	return err
}

// FormatObject is one object in JSON or YAML, from JSON.
func FormatObject(text, format string) (string, error) {
	if format == FormatYAML {
		converted, err := yaml.JSONToYAML([]byte(text))
		return string(converted), err
	}
	var indented bytes.Buffer
	err := json.Indent(&indented, []byte(text), "", "    ")
	return indented.String() + "\n", err
}
