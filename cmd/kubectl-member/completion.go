package main

import (
	_ "embed"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

func newCompletionCommand(s *cli.Session) *cobra.Command {
	command := &cobra.Command{
		Use:   "completion",
		Short: "Write a shell's completion script",
		Long: `Write a shell's completion script.

kubectl completes a plug-in with the program kubectl_complete-member on the PATH,
which kubectl member completion kubectl writes. The other scripts complete
kubectl-member itself.`,
		Example: `  # For kubectl member, where kubectl's own completion is set up
  kubectl member completion kubectl > ~/.local/bin/kubectl_complete-member
  chmod +x ~/.local/bin/kubectl_complete-member

  # For kubectl-member in bash
  source <(kubectl-member completion bash)`,
		Args: knownVerb,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	for _, shell := range []struct {
		name  string
		write func(root *cobra.Command) error
	}{
		{"bash", func(root *cobra.Command) error { return root.GenBashCompletionV2(s.Out, true) }},
		{"zsh", func(root *cobra.Command) error { return root.GenZshCompletion(s.Out) }},
		{"fish", func(root *cobra.Command) error { return root.GenFishCompletion(s.Out, true) }},
		{"powershell", func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(s.Out) }},
		{"kubectl", func(*cobra.Command) error {
			cli.Say(s.Out, "%s", kubectlCompletion)
			return nil
		}},
	} {
		command.AddCommand(&cobra.Command{
			Use:               shell.name,
			Short:             "Write the completion script for " + shell.name,
			Example:           "  kubectl member completion " + shell.name,
			Args:              cli.NoArguments,
			ValidArgsFunction: cobra.NoFileCompletions,
			RunE:              func(command *cobra.Command, _ []string) error { return shell.write(command.Root()) },
		})
	}
	return command
}

// kubectlCompletion is the program that kubectl runs to complete kubectl member.
//
//go:embed kubectl_complete-member
var kubectlCompletion string
