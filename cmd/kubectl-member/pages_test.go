package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// namesBy lists the members two at a time.
func (env *environment) namesBy(t *testing.T, reader client.Reader) ([]string, error) {
	t.Helper()
	var names []string
	err := query.Each(t.Context(), reader, query.Members, env.Namespace, func(member *v1alpha1.Member) { names = append(names, member.Name) }, client.Limit(2))
	return names, err
}

func TestAnExpiredListingContinuesWhereItWas(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("a"), env.Member("b"), env.Member("c"), env.Member("d"), env.Member("e"))
	want := []string{"a", "b", "c", "d", "e"}
	for name, offer := range map[string]bool{"with the token that the API server offers": true, "from the beginning": false} {
		calls := 0
		reader := interceptor.NewClient(env.WithWatch, interceptor.Funcs{
			List: func(ctx context.Context, cluster client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				if calls++; calls != 2 {
					return cluster.List(ctx, list, options...)
				}
				gone := apierrors.NewResourceExpired("the token is too old")
				if given := (&client.ListOptions{}); offer {
					given.ApplyOptions(options)
					gone.ErrStatus.Continue = given.Continue
				}
				return gone
			},
		})
		got, err := env.namesBy(t, reader)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
		if wanted := map[bool]int{true: 4, false: 5}[offer]; calls != wanted {
			t.Errorf("%s: it took %d calls, and should take %d", name, calls, wanted)
		}
	}
}

func TestAListingThatAlwaysExpiresFails(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("a"), env.Member("b"), env.Member("c"))
	reader := interceptor.NewClient(env.WithWatch, interceptor.Funcs{
		List: func(ctx context.Context, cluster client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			given := client.ListOptions{}
			given.ApplyOptions(options)
			if given.Continue != "" {
				return apierrors.NewResourceExpired("the token is too old")
			}
			return cluster.List(ctx, list, options...)
		},
	})
	got, err := env.namesBy(t, reader)
	if !apierrors.IsResourceExpired(err) || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAListingEndsWithTheErrorOfItsVisitor(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("a"))
	full := errors.New("the disk is full")
	err := query.EachPage(t.Context(), env, query.Members, env.Namespace, func([]*v1alpha1.Member) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
