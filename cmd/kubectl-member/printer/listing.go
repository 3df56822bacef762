package printer

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// Listing lists the objects of a kind.
type Listing[T any] struct {
	Output

	kind          kind[T]
	orders        []sortKey[T]
	sortBy        string
	allNamespaces bool
}

// NewMemberListing returns a listing of Members.
func NewMemberListing() *Listing[v1alpha1.Member] {
	return &Listing[v1alpha1.Member]{kind: Members(), orders: memberSortKeys()}
}

// NewGroupListing returns a listing of SkillGroups.
func NewGroupListing() *Listing[v1alpha1.SkillGroup] {
	return &Listing[v1alpha1.SkillGroup]{kind: SkillGroups(), orders: groupSortKeys()}
}

// AddFlags adds the flags that all listings have.
func (l *Listing[T]) AddFlags(command *cobra.Command) {
	l.Output.AddFlags(command)
	command.Flags().StringVar(&l.sortBy, "sort-by", "", "Sort by one of: "+strings.Join(sortWords(l.orders), ", "))
	command.Flags().BoolVarP(&l.allNamespaces, "all-namespaces", "A", false, "List all namespaces")
	cli.CompleteFlag(command, "sort-by", sortWords(l.orders)...)
}

// sorter returns nil if nothing is sorted.
func (l *Listing[T]) sorter() (*sorter[T], error) {
	if l.sortBy == "" {
		return nil, nil
	}
	word, err := cli.Choose("sort-by", l.sortBy, sortWords(l.orders)...)
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

// Run lists the objects that match.
func (l *Listing[T]) Run(ctx context.Context, s *cli.Session, matches func(*T) bool, options []client.ListOption) error {
	if err := l.Normalize(); err != nil {
		return err
	}
	sorted, err := l.sorter()
	if err != nil {
		return err
	}
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	if l.allNamespaces {
		namespace = metav1.NamespaceAll
	}
	out, found := newPrinter(s, l.kind, l.Output, l.allNamespaces), 0
	err = query.EachPage(ctx, cluster, l.kind.Resource, namespace, query.PageSize, func(page []T) error {
		rows, err := out.page(page, matches, sorted)
		found += len(rows)
		if err != nil || sorted != nil || len(rows) == 0 {
			return err
		}
		return out.WriteRows(rows)
	}, options...)
	switch {
	case ctx.Err() != nil:
		return cli.Errorf(cli.ExitInterrupted, "interrupted")
	case err != nil:
		return apicall.Explain("", namespace, err)
	}
	return l.finish(s, out, sorted, found, namespace)
}

// finish writes sorted rows, and says if there are none.
func (l *Listing[T]) finish(s *cli.Session, out printer[T], sorted *sorter[T], found int, namespace string) error {
	if found == 0 && !l.isManifest() {
		where := " in " + namespace + " namespace"
		if namespace == metav1.NamespaceAll {
			where = ""
		}
		cli.Say(s.ErrOut, "No %s found%s.\n", l.kind.Plural, where)
	}
	if sorted != nil {
		if err := sorted.writeTo(out); err != nil {
			return err
		}
	}
	return out.Close()
}
