package printer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"sigs.k8s.io/yaml"
)

// nameWriter writes one text a line.
type nameWriter struct{ to io.Writer }

// WriteRows writes a page.
func (l nameWriter) WriteRows(rows [][]string) error {
	var text strings.Builder
	for _, row := range rows {
		text.WriteString(row[0] + "\n")
	}
	_, err := io.WriteString(l.to, text.String())
	return err
}

// Close does nothing.
func (nameWriter) Close() error { return nil }

// csvWriter writes comma-separated values (RFC 4180).
type csvWriter struct {
	to      *csv.Writer
	headers []string
}

// WriteRows writes a page.
func (s *csvWriter) WriteRows(rows [][]string) error {
	if s.headers != nil {
		if err := s.to.Write(s.headers); err != nil {
			return err
		}
		s.headers = nil
	}
	return s.to.WriteAll(rows)
}

// Close ends the output.
func (s *csvWriter) Close() error { return s.WriteRows(nil) }

// NewCSV returns a writer of csv. headers may be nil.
func NewCSV(to io.Writer, headers []string) RowWriter {
	return &csvWriter{to: csv.NewWriter(to), headers: headers}
}

// NewList returns a writer of a List in JSON or YAML.
func NewList(format string, to io.Writer) RowWriter {
	if format == FormatYAML {
		return &yamlList{to: to}
	}
	return &jsonList{to: to}
}

// jsonList writes a List item by item, so that it is never in memory as a whole.
type jsonList struct {
	to    io.Writer
	begun bool
}

// WriteRows writes a page.
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

// Close ends the output.
func (l *jsonList) Close() error {
	end := "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
	if !l.begun {
		end = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
	}
	_, err := io.WriteString(l.to, end)
	return err
}

// yamlList writes a List in YAML, item by item.
type yamlList struct {
	to    io.Writer
	begun bool
}

// WriteRows writes a page.
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

// Close ends the output.
func (l *yamlList) Close() error {
	end := "kind: List\nmetadata:\n  resourceVersion: \"\"\n"
	if !l.begun {
		end = "apiVersion: v1\nitems: []\n" + end
	}
	_, err := io.WriteString(l.to, end)
	return err
}

// FormatObject converts an object from JSON to indented JSON or YAML.
func FormatObject(text, format string) (string, error) {
	if format == FormatYAML {
		converted, err := yaml.JSONToYAML([]byte(text))
		return string(converted), err
	}
	var indented bytes.Buffer
	err := json.Indent(&indented, []byte(text), "", "    ")
	return indented.String() + "\n", err
}
