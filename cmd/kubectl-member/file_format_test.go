package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
)

func TestTheNameOfAFileDecidesItsFormat(t *testing.T) {
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
		{file: "a.xlsx", format: "csv", code: cli.ExitUsage},
		{file: "a.csv", format: "xlsx", code: cli.ExitUsage},
		{file: "a.yaml", code: cli.ExitUsage},
	} {
		file := filepath.Join(t.TempDir(), test.file)
		arguments := []string{"template", "-f", file}
		if test.format != "" {
			arguments = append(arguments, "-o", test.format)
		}
		var out bytes.Buffer
		s := cli.NewSession(genericiooptions.IOStreams{Out: &out, ErrOut: &out}, func() time.Time { return time.Unix(0, 0) })
		code := run(t.Context(), s, arguments)
		text, err := os.ReadFile(filepath.Clean(file))
		if code != test.code || (err == nil) != (test.code == cli.ExitDone) || !bytes.HasPrefix(text, []byte(test.want)) {
			t.Errorf("template -f %s -o %q: exit code %d: %.20q, %s", test.file, test.format, code, text, out.String())
		}
	}
	export := newExportCommand(cli.NewSession(genericiooptions.IOStreams{}, time.Now)) //nolint:forbidigo // it is not asked for the time
	for file, want := range map[string]string{"users.csv": printer.FormatControlHub, "users.xlsx": "", "users": printer.FormatControlHub} {
		if err := export.Flags().Set("output", printer.FormatControlHub); err != nil {
			t.Fatal(err)
		}
		if got, err := printer.FileFormat(export, printer.FormatControlHub, file, exportFormats...); got != want || (err == nil) != (want != "") {
			t.Errorf("export -o controlhub -f %s: %q, %v", file, got, err)
		}
	}
}
