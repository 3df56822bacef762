package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/internal/roster"
)

// endings are what the names of files say of their formats.
var endings = map[string]string{".csv": string(roster.CSV), ".xlsx": string(roster.XLSX), ".yaml": asYAML, ".yml": asYAML}

// fileFormat is the format to write: that of --output, or else that of the ending of
// the file's name. A name that says another one than --output is refused, since the
// file could not be opened by it.
func fileFormat(command *cobra.Command, format, file string, formats ...string) (string, error) {
	chosen, err := choose("output", format, formats...)
	if err != nil {
		return "", err
	}
	named := endings[strings.ToLower(filepath.Ext(file))]
	held := chosen
	if held == asControlHub {
		held = string(roster.CSV)
	}
	switch {
	case named == "" || named == held:
		return chosen, nil
	case !slices.Contains(formats, named):
		return "", usage("-f %s: the name says %s, which this cannot write: name a file for %s", file, named, strings.Join(formats, " or "))
	case command.Flags().Changed("output"):
		return "", usage("-o %s does not go into %s, whose name says %s: write -o %s, or name another file", chosen, file, named, named)
	default:
		return named, nil
	}
}
