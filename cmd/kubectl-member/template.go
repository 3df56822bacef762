package main

import (
	"io"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/internal/roster"
)

func newTemplateCommand(s *cli.Session) *cobra.Command {
	var format, file string
	command := &cobra.Command{
		Use:   "template [-o csv|xlsx] [-f FILE]",
		Short: "Write a template for kubectl member import",
		Long: `Write the template of an import: a sheet with the columns and one example row to
replace. In an xlsx workbook, the columns for phone, agent ID, and extension hold
text, so that a spreadsheet program keeps + and leading zeros.

The command needs no cluster.`,
		Example: `  # An Excel workbook
  kubectl member template -f members.xlsx

  # The columns as csv
  kubectl member template`,
		Args: cli.NoArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			chosen, err := printer.FileFormat(command, format, file, string(roster.CSV), string(roster.XLSX))
			if err != nil {
				return err
			}
			return printer.WriteFile(s, file, chosen, func(w io.Writer) error { return roster.WriteTemplate(w, roster.Format(chosen)) })
		},
	}
	command.Flags().StringVarP(&format, "output", "o", string(roster.CSV), "The format: csv or xlsx; by default that of the file name")
	command.Flags().StringVarP(&file, "filename", "f", "", "The file to write; by default standard output")
	cli.CompleteFlag(command, "output", string(roster.CSV), string(roster.XLSX))
	return command
}
