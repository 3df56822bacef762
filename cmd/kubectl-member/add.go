package main

import (
	"context"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/await"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

func newAddCommand(s *cli.Session) *cobra.Command {
	var options write.Options
	var email string
	var groups, teams []string
	var inactive bool
	command := &cobra.Command{
		Use:   "add NAME --email ADDRESS",
		Short: "Add a member and mail a password",
		Long: `Add a member. The operator issues a password, and mails it if the contact center
sends mail.

NAME is the name of the Member resource: lower-case letters, digits, and hyphens,
at most 63 characters. Name and address cannot be changed later. To add many
members, use import.`,
		Example: `  # Add a member
  kubectl member add ana --email ana@example.com --name "Ana Lima"

  # With a role, an extension, and skill groups, one of them with the highest priority
  kubectl member add ben --email ben@example.com --role Supervisor --extension 1024 --group billing:1 --group online-help

  # With a license, a site, and a team that override MemberTemplates
  kubectl member add dee --email dee@example.com --license Standard --site paris --team online

  # Write a manifest for Git instead
  kubectl member add cy --email cy@example.com --dry-run=client -o yaml`,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := options.Check(command); err != nil {
				return err
			}
			if len(arguments) != 1 || arguments[0] == "" {
				return cli.UsageErrorf("give the name of one member, for example %s ana --email ana@example.com. To add many, use import", command.CommandPath())
			}
			if email == "" {
				return cli.UsageErrorf("--email is missing: give the address for the password")
			}
			spec, err := newSpec(command, email, groups, teams, inactive)
			if err != nil {
				return err
			}
			return add(command.Context(), s, arguments[0], spec, options)
		},
	}
	command.Flags().StringVar(&email, "email", "", "E-mail address, which is the user name at login and cannot be changed later (required)")
	addTextFlags(s, command)
	command.Flags().StringSliceVar(&groups, "group", nil, "Skill group, as name or name:priority with a priority from 1 (highest) to 5; may be repeated")
	command.Flags().StringSliceVar(&teams, "team", nil, "Team; may be repeated; by default MemberTemplates decide")
	command.Flags().BoolVar(&inactive, "inactive", false, "Deny login until edit --active")
	cli.CompleteFlagFunc(command, "group", query.CompleteNames(s, "SkillGroup"))
	cli.CompleteFlagFunc(command, "team", query.CompleteNames(s, "Team"))
	options.AddFlags(command, "the password is issued, and mailed if the contact center sends mail")
	return command
}

func newSpec(command *cobra.Command, email string, groupWords, teams []string, inactive bool) (v1alpha1.MemberSpec, error) {
	texts, err := givenTexts(command)
	if err != nil {
		return v1alpha1.MemberSpec{}, err
	}
	spec := v1alpha1.MemberSpec{}
	if err := write.MergeSpec(&spec, texts); err != nil {
		return v1alpha1.MemberSpec{}, err
	}
	spec.Email = email
	if spec.SkillGroups, err = parseGroups("group", groupWords); err != nil {
		return v1alpha1.MemberSpec{}, err
	}
	if spec.Teams, err = parseTeams("team", teams); err != nil {
		return v1alpha1.MemberSpec{}, err
	}
	if inactive {
		spec.Active = new(false)
	}
	return spec, nil
}

func add(ctx context.Context, s *cli.Session, name string, spec v1alpha1.MemberSpec, options write.Options) error {
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	member := v1alpha1.Member{Spec: spec}
	member.Namespace, member.Name = namespace, name
	return write.ChangeAll(ctx, s, cluster, namespace, []query.Target{{Member: member}}, options, write.Change{
		Apply:     write.Create,
		Condition: await.Ready,
	})
}
