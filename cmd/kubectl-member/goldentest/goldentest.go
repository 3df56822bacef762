// Package goldentest compares what tests print with golden files.
package goldentest

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// update has the golden files written instead of compared.
var update = flag.Bool("update", false, "write the golden files")

// volatile is what differs from run to run in an output, and what golden files
// have in its place.
var volatile = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\btest-[a-z0-9]{5}\b`), "NAMESPACE"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\b`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "UID"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "ISSUEID"},
	{regexp.MustCompile(`(resourceVersion"?: )"\d+"`), `$1"VERSION"`},
	{regexp.MustCompile(`\b\d{1,2}s\b`), "AGE"},
}

// Stable replaces what differs from run to run in an output.
func Stable(text string) string {
	for _, f := range volatile {
		text = f.pattern.ReplaceAllString(text, f.instead)
	}
	return text
}

// Compare compares an output with the file testdata/NAME.golden, but for what is
// fleeting.
func Compare(t *testing.T, name, got string) {
	t.Helper()
	got = Stable(got)
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatalf("%v: run go test ./cmd/kubectl-member -update", err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was; run go test ./cmd/kubectl-member -update if it is meant to be\n--- got\n%s\n--- want\n%s", file, got, want)
	}
}
