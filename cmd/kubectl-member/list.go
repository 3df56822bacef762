package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// listing is how a kind is listed.
type listing[T any] struct {
	output

	kind          kind[T]
	orders        []order[T]
	sortBy        string
	allNamespaces bool
}

// newMemberListing returns a listing of Members.
func newMemberListing() *listing[v1alpha1.Member] {
	return &listing[v1alpha1.Member]{kind: members(), orders: memberOrders()}
}

// newGroupListing returns a listing of SkillGroups.
func newGroupListing() *listing[v1alpha1.SkillGroup] {
	return &listing[v1alpha1.SkillGroup]{kind: groups(), orders: groupOrders()}
}

// newListCommand is `kubectl member list`.
func newListCommand(s *session) *cobra.Command {
	var filter memberFilter
	l := newMemberListing()
	command := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List members, and find them by what is known of them",
		Long: `List members, and find them by what is known of them. All filters must fit.

Members are read in pages of 500 and written as they come, in the order of their
names. The first page decides how wide the columns of a table are: a longer cell
that comes later moves the rest of its row. With --sort-by everything is read
before anything is written; numbers in a text sort as numbers, and the youngest
come first by age and by since (the last change of the login state).

Role, licence, site, team and profiles are those that count, from whomever they come:
kubectl member show says from whom.`,
		Example: `  # Who may not log in, and why
  kubectl member list --login denied -o wide

  # Find somebody by a part of the name, also that in the cluster, nickname, e-mail
  # address or agent ID
  kubectl member list --search ana

  # Whose password has not reached them
  kubectl member list --mail rejected

  # The supervisors of the group billing, by agent ID
  kubectl member list --role supervisor --group billing --sort-by agentID

  # Who holds a Premium licence at a site, by team
  kubectl member list --license premium --site paris --sort-by team

  # Who holds no licence
  kubectl member list --contact-center-enabled=false

  # For a spreadsheet or a script
  kubectl member list -o csv > members.csv`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := filter.normalise(); err != nil {
				return err
			}
			options, err := filter.options()
			if err != nil {
				return err
			}
			return l.run(command.Context(), s, filter.matches, options)
		},
	}
	filter.addTo(s, command)
	l.addTo(command)
	return command
}

// addTo adds the flags that all listings have.
func (l *listing[T]) addTo(command *cobra.Command) {
	l.output.addTo(command)
	command.Flags().StringVar(&l.sortBy, "sort-by", "", "Sort by one of: "+strings.Join(words(l.orders), ", "))
	command.Flags().BoolVarP(&l.allNamespaces, "all-namespaces", "A", false, "List all namespaces, each a contact centre")
	completeFlag(command, "sort-by", words(l.orders)...)
}

// sorter is nil where nothing is to be sorted.
func (l *listing[T]) sorter() (*sorter[T], error) {
	if l.sortBy == "" {
		return nil, nil
	}
	word, err := choose("sort-by", l.sortBy, words(l.orders)...)
	if err != nil {
		return nil, err
	}
	sorted := &sorter[T]{}
	for _, o := range l.orders {
		if o.word == word {
			sorted.key = o.key
		}
	}
	if l.isManifest() {
		sorted.packer = &packer{}
	}
	return sorted, nil
}

// run lists what matches.
func (l *listing[T]) run(ctx context.Context, s *session, matches func(*T) bool, options []client.ListOption) error {
	if err := l.normalise(); err != nil {
		return err
	}
	sorted, err := l.sorter()
	if err != nil {
		return err
	}
	cluster, namespace, err := s.connect()
	if err != nil {
		return err
	}
	if l.allNamespaces {
		namespace = metav1.NamespaceAll
	}
	out, found := newPrinter(s, l.kind, l.output, l.allNamespaces), 0
	err = pagesOf(ctx, cluster, l.kind.resource, namespace, pageSize, func(page []T) error {
		rows, err := out.page(page, matches, sorted)
		found += len(rows)
		if err != nil || sorted != nil || len(rows) == 0 {
			return err
		}
		return out.write(rows)
	}, options...)
	switch {
	case ctx.Err() != nil:
		return withCode(exitInterrupted, "interrupted")
	case err != nil:
		return explained("", namespace, err)
	}
	return l.finish(s, out, sorted, found, namespace)
}

// page renders what matches on a page, and keeps it where it is to be sorted.
func (p printer[T]) page(page []T, matches func(*T) bool, sorted *sorter[T]) ([][]string, error) {
	var rows [][]string
	for i := range page {
		item := &page[i]
		if !matches(item) {
			continue
		}
		row, err := p.render(item)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		if sorted != nil {
			if err := sorted.keep(item, row); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// finish writes what was kept, or that there was nothing, and the end.
func (l *listing[T]) finish(s *session, out printer[T], sorted *sorter[T], found int, namespace string) error {
	if found == 0 && !l.isManifest() {
		where := " in " + namespace + " namespace"
		if namespace == metav1.NamespaceAll {
			where = ""
		}
		say(s.ErrOut, "No %s found%s.\n", l.kind.plural, where)
	}
	if sorted != nil {
		if err := sorted.writeTo(out); err != nil {
			return err
		}
	}
	return out.close()
}

// noArguments is cobra.NoArgs with the exit code for a wrong command line.
func noArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	return usage("%s takes no arguments, and got %q: see %s --help", command.CommandPath(), arguments[0], command.CommandPath())
}
