package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// CompleteFlag completes a flag with words.
func CompleteFlag(command *cobra.Command, flag string, values ...string) {
	CompleteFlagFunc(command, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// CompleteFlagFunc completes a flag with a function. It panics if the flag does not exist.
func CompleteFlagFunc(command *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := command.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}

// Choose returns the value that a word means, regardless of case, hyphens, and underscores.
func Choose(flag, word string, values ...string) (string, error) {
	for _, value := range values {
		if Folded(value) == Folded(word) {
			return value, nil
		}
	}
	return "", UsageErrorf("--%s cannot be %q: use one of %s", flag, word, strings.Join(values, ", "))
}

// Folded returns a word in lower case, without hyphens, underscores, and spaces.
func Folded(word string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))
}

// NoArguments is cobra.NoArgs with the exit code for a wrong command line.
func NoArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	return UsageErrorf("%s takes no arguments, but got %q. Run: %s --help", command.CommandPath(), arguments[0], command.CommandPath())
}
