package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"sigs.k8s.io/yaml"
)

// lines writes one text a line.
type lines struct{ to io.Writer }

func (l lines) write(rows [][]string) error {
	var text strings.Builder
	for _, row := range rows {
		text.WriteString(row[0] + "\n")
	}
	_, err := io.WriteString(l.to, text.String())
	return err
}

func (lines) close() error { return nil }

// sheet writes comma-separated values (RFC 4180).
type sheet struct {
	to      *csv.Writer
	headers []string
}

func (s *sheet) write(rows [][]string) error {
	if s.headers != nil {
		if err := s.to.Write(s.headers); err != nil {
			return err
		}
		s.headers = nil
	}
	return s.to.WriteAll(rows)
}

func (s *sheet) close() error { return s.write(nil) }

// newList returns a writer of a List in JSON or YAML.
func newList(format string, to io.Writer) writer {
	if format == asYAML {
		return &yamlList{to: to}
	}
	return &jsonList{to: to}
}

// jsonList writes a List, item by item, so that it need not be held as a whole.
type jsonList struct {
	to    io.Writer
	begun bool
}

func (l *jsonList) write(rows [][]string) error {
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

func (l *jsonList) close() error {
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

func (l *yamlList) write(rows [][]string) error {
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

func (l *yamlList) close() error {
	end := "kind: List\nmetadata:\n  resourceVersion: \"\"\n"
	if !l.begun {
		end = "apiVersion: v1\nitems: []\n" + end
	}
	_, err := io.WriteString(l.to, end)
	return err
}

// formatted is one object in JSON or YAML, from JSON.
func formatted(text, format string) (string, error) {
	if format == asYAML {
		converted, err := yaml.JSONToYAML([]byte(text))
		return string(converted), err
	}
	var indented bytes.Buffer
	err := json.Indent(&indented, []byte(text), "", "    ")
	return indented.String() + "\n", err
}
