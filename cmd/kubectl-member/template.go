package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/internal/roster"
)

// newTemplateCommand is `kubectl member template`.
func newTemplateCommand(s *session) *cobra.Command {
	var format, file string
	command := &cobra.Command{
		Use:   "template [-o csv|xlsx] [-f FILE]",
		Short: "Write a sheet to fill in for kubectl member import",
		Long: `Write the template of an import: a sheet with the columns and one example row to
replace. In an xlsx workbook the columns for phone, agent ID and extension hold
text, so that a spreadsheet program keeps + and leading zeros.

Nothing is asked of a cluster.`,
		Example: `  # An Excel workbook
  kubectl member template -f members.xlsx

  # The columns of the csv
  kubectl member template`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			chosen, err := fileFormat(command, format, file, string(roster.CSV), string(roster.XLSX))
			if err != nil {
				return err
			}
			return s.writeTo(file, chosen, func(w io.Writer) error { return roster.WriteTemplate(w, roster.Format(chosen)) })
		},
	}
	command.Flags().StringVarP(&format, "output", "o", string(roster.CSV), "The format: csv or xlsx; by default what the name of the file says")
	command.Flags().StringVarP(&file, "filename", "f", "", "The file to write; by default to standard output")
	completeFlag(command, "output", string(roster.CSV), string(roster.XLSX))
	return command
}

// writeTo writes a file in full or not at all; without a name, to standard output.
func (s *session) writeTo(file, format string, write func(io.Writer) error) error {
	if file == "" || file == "-" {
		if format == string(roster.XLSX) && isTerminal(s.Out) {
			return usage("an xlsx workbook is not for a terminal: name a file with -f FILE.xlsx, or redirect the output")
		}
		return write(s.Out)
	}
	// A link stays one, and a device or a pipe is written to.
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	err := replaceFile(file, write)
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

// replaceFile writes a file beside its place, and moves it there when it is whole.
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
