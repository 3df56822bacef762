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

// Listing is how a kind is listed.
type Listing[T any] struct {
	Output

	kind          kind[T]
	orders        []SortKey[T]
	sortBy        string
	allNamespaces bool
}

// NewMemberListing returns a listing of Members.
func NewMemberListing() *Listing[v1alpha1.Member] {
	return &Listing[v1alpha1.Member]{kind: Members(), orders: MemberSortKeys()}
}

// NewGroupListing returns a listing of SkillGroups.
func NewGroupListing() *Listing[v1alpha1.SkillGroup] {
	return &Listing[v1alpha1.SkillGroup]{kind: SkillGroups(), orders: GroupSortKeys()}
}

// AddFlags adds the flags that all listings have.
func (l *Listing[T]) AddFlags(command *cobra.Command) {
	l.Output.AddFlags(command)
	command.Flags().StringVar(&l.sortBy, "sort-by", "", "Sort by one of: "+strings.Join(SortWords(l.orders), ", "))
	command.Flags().BoolVarP(&l.allNamespaces, "all-namespaces", "A", false, "List all namespaces, each a contact centre")
	cli.CompleteFlag(command, "sort-by", SortWords(l.orders)...)
}

// sorter is nil where nothing is to be sorted.
func (l *Listing[T]) sorter() (*Sorter[T], error) {
	if l.sortBy == "" {
		return nil, nil
	}
	word, err := cli.Choose("sort-by", l.sortBy, SortWords(l.orders)...)
	if err != nil {
		return nil, err
	}
	sorted := &Sorter[T]{}
	for _, o := range l.orders {
		if o.word == word {
			sorted.key = o.key
		}
	}
	if l.isManifest() {
		sorted.packer = &Packer{}
	}
	return sorted, nil
}

// Run lists what matches.
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
	out, found := New(s, l.kind, l.Output, l.allNamespaces), 0
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

// finish writes what was kept, or that there was nothing, and the end.
func (l *Listing[T]) finish(s *cli.Session, out Printer[T], sorted *Sorter[T], found int, namespace string) error {
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
