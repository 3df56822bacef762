package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func TestTheNameOfAFileSaysItsFormat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file, format, want string
		code               int
	}{
		{file: "a.xlsx", want: "PK"},
		{file: "a.XLSX", want: "PK"},
		{file: "a.csv", want: "\ufeffName"},
		{file: "a.txt", want: "\ufeffName"},
		{file: "a.txt", format: "xlsx", want: "PK"},
		{file: "a.xlsx", format: "xlsx", want: "PK"},
		{file: "a.xlsx", format: "csv", code: exitUsage},
		{file: "a.csv", format: "xlsx", code: exitUsage},
		{file: "a.yaml", code: exitUsage},
	} {
		file := filepath.Join(t.TempDir(), test.file)
		arguments := []string{"template", "-f", file}
		if test.format != "" {
			arguments = append(arguments, "-o", test.format)
		}
		var out bytes.Buffer
		s := newSession(genericiooptions.IOStreams{Out: &out, ErrOut: &out}, func() time.Time { return time.Unix(0, 0) })
		code := run(t.Context(), s, arguments)
		text, err := os.ReadFile(filepath.Clean(file))
		if code != test.code || (err == nil) != (test.code == exitDone) || !bytes.HasPrefix(text, []byte(test.want)) {
			t.Errorf("template -f %s -o %q: exit code %d: %.20q, %s", test.file, test.format, code, text, out.String())
		}
	}
	export := newExportCommand(newSession(genericiooptions.IOStreams{}, time.Now)) //nolint:forbidigo // it is not asked for the time
	for file, want := range map[string]string{"users.csv": asControlHub, "users.xlsx": "", "users": asControlHub} {
		if err := export.Flags().Set("output", asControlHub); err != nil {
			t.Fatal(err)
		}
		if got, err := fileFormat(export, asControlHub, file, exportFormats...); got != want || (err == nil) != (want != "") {
			t.Errorf("export -o controlhub -f %s: %q, %v", file, got, err)
		}
	}
}
