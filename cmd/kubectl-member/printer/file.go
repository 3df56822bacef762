package printer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/internal/roster"
)

// FormatControlHub is the csv file of Webex Control Hub.
const FormatControlHub = "controlhub"

// endings maps endings of file names to formats.
var endings = map[string]string{".csv": string(roster.CSV), ".xlsx": string(roster.XLSX), ".yaml": FormatYAML, ".yml": FormatYAML}

// FileFormat returns the format to write: that of --output, or else that of the file name. It
// refuses a file name that contradicts --output, because programs open files by their names.
func FileFormat(command *cobra.Command, format, file string, formats ...string) (string, error) {
	chosen, err := cli.Choose("output", format, formats...)
	if err != nil {
		return "", err
	}
	named := endings[strings.ToLower(filepath.Ext(file))]
	held := chosen
	if held == FormatControlHub {
		held = string(roster.CSV)
	}
	switch {
	case named == "" || named == held:
		return chosen, nil
	case !slices.Contains(formats, named):
		return "", cli.UsageErrorf("-f %s: %s cannot be written: use a file name for %s", file, named, strings.Join(formats, " or "))
	case command.Flags().Changed("output"):
		return "", cli.UsageErrorf("-o %s contradicts the file name %s, which means %s: use -o %s, or another file name", chosen, file, named, named)
	default:
		return named, nil
	}
}

// WriteManifests writes Members as a stream of YAML documents.
func WriteManifests(w io.Writer, members []*v1alpha1.Member) error {
	var text bytes.Buffer
	for i, member := range members {
		document, err := yaml.Marshal(member)
		if err != nil {
			return fmt.Errorf("writing Member %s as YAML: %w", member.Name, err)
		}
		if i > 0 {
			text.WriteString("---\n")
		}
		text.Write(document)
	}
	_, err := w.Write(text.Bytes())
	return err
}

// WriteManifest writes one Member.
func WriteManifest(to io.Writer, format string, member *v1alpha1.Member) error {
	cells, err := Manifest(member, "Member")
	if err != nil {
		return err
	}
	text, err := FormatObject(cells[0], format)
	if err != nil {
		return err
	}
	_, err = io.WriteString(to, text)
	return err
}

// WriteFile writes a file completely or not at all. Without a name it writes to standard output.
func WriteFile(s *cli.Session, file, format string, write func(io.Writer) error) error {
	if file == "" || file == "-" {
		if format == string(roster.XLSX) && cli.IsTerminal(s.Out) {
			return cli.UsageErrorf("an xlsx workbook cannot be written to a terminal: use -f FILE.xlsx, or redirect the output")
		}
		return write(s.Out)
	}
	// Symbolic links stay, and devices and pipes are written to.
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	err := replaceFile(file, write)
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

// replaceFile writes a temporary file, and renames it when it is complete.
func replaceFile(file string, write func(io.Writer) error) error {
	if found, err := os.Stat(file); err == nil && !found.Mode().IsRegular() {
		device, err := os.OpenFile(filepath.Clean(file), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(device), device.Close())
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".kubectl-member-")
	if err != nil {
		return err
	}
	err = errors.Join(write(draft), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(draft.Name()))
	}
	return nil
}
