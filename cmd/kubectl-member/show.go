package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/describe"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// asScreen is the default output format of show.
const asScreen = "screen"

func newShowCommand(s *cli.Session) *cobra.Command {
	format := asScreen
	command := &cobra.Command{
		Use:   "show NAME",
		Short: "Show whether a member can log in, why not, and what to do",
		Long: `Show whether a member can log in, why not, and what to do. NAME is the name of the
Member, or the e-mail address in the Member's spec.

The managed fields tell which program wrote a field last. They name programs, not
users. The users are in the API server's audit log: see docs/audit.md. The password is
never shown.`,
		Example: `  # Can ana log in? If not, why, and what to do next
  kubectl member show ana

  # The same, by e-mail address
  kubectl member show ana@example.com

  # The whole Member
  kubectl member show ana -o yaml`,
		Args:              oneMember,
		ValidArgsFunction: query.CompleteOneMember(s),
		RunE: func(command *cobra.Command, arguments []string) (err error) {
			if format, err = cli.Choose("output", format, asScreen, printer.FormatYAML, printer.FormatJSON); err != nil {
				return err
			}
			return show(command.Context(), s, arguments[0], format)
		},
	}
	command.Flags().StringVarP(&format, "output", "o", asScreen, "Output format: screen, yaml or json")
	cli.CompleteFlag(command, "output", asScreen, printer.FormatYAML, printer.FormatJSON)
	return command
}

// oneMember requires exactly one argument.
func oneMember(command *cobra.Command, arguments []string) error {
	if len(arguments) == 1 && arguments[0] != "" {
		return nil
	}
	return cli.UsageErrorf("%s takes the name of one member. Run: kubectl member list", command.CommandPath())
}

func show(ctx context.Context, s *cli.Session, name, format string) error {
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	member, err := find(ctx, cluster, namespace, name)
	if err != nil {
		return err
	}
	if format != asScreen {
		return printer.WriteManifest(s.Out, format, member)
	}
	return describe.Member(ctx, s, cluster, member)
}

// find reads a Member by its name or e-mail address.
func find(ctx context.Context, cluster client.Client, namespace, name string) (*v1alpha1.Member, error) {
	if strings.Contains(name, "@") {
		var list v1alpha1.MemberList
		if err := cluster.List(ctx, &list, client.InNamespace(namespace), client.MatchingFields{"spec.email": name}, client.Limit(2)); err != nil {
			return nil, apicall.Explain("", namespace, err)
		}
		switch len(list.Items) {
		case 0:
			return nil, fmt.Errorf("no member in namespace %s has the e-mail address %s. To ignore case, run: kubectl member list --search %s", namespace, name, name)
		case 1:
			return &list.Items[0], nil
		default:
			return nil, fmt.Errorf("several members have the e-mail address %s: give a name. Run: kubectl member list --email %s", name, name)
		}
	}
	member := &v1alpha1.Member{}
	err := cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, member)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("there is no member %s in namespace %s. To search, run: kubectl member list --search %s", name, namespace, name)
	}
	return member, apicall.Explain(name, namespace, err)
}
