package query

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/internal/roster"
)

// ReadExisting reads what the contact center has that a sheet can refer to, a page at a time.
func ReadExisting(ctx context.Context, cluster client.Client, namespace string, sheet roster.Sheet) (*importplan.Existing, error) {
	existing := importplan.NewExisting(namespace)
	if err := Each(ctx, cluster, Members, namespace, existing.Add); err != nil {
		return nil, fmt.Errorf("reading the members: %w", err)
	}
	for _, named := range importplan.NamedKinds {
		if _, has := sheet.Has[named.Column]; !has {
			continue
		}
		names, err := readNames(ctx, cluster, existing, named)
		if apierrors.IsForbidden(err) {
			// A user profile may allow to set sites, and not to list them.
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the %s: %w", named.Plural, err)
		}
		for _, name := range named.BuiltIn {
			names[name] = true
		}
		existing.Objects[named.Column] = names
	}
	return existing, nil
}

// readNames reads the names of a kind, and the details of Teams.
func readNames(ctx context.Context, cluster client.Reader, existing *importplan.Existing, named importplan.NamedKind) (map[string]bool, error) {
	names := map[string]bool{}
	if named.Column == roster.TeamsColumn {
		existing.Teams = map[string]importplan.Team{}
		return names, Each(ctx, cluster, Teams, existing.Namespace, func(team *v1alpha1.Team) {
			names[team.Name], existing.Teams[team.Name] = true, importplan.TeamOf(team)
		})
	}
	kind := Names(v1alpha1.GroupVersion.WithKind(named.Kind), named.Plural)
	return names, Each(ctx, cluster, kind, existing.Namespace, func(object *metav1.PartialObjectMetadata) { names[object.Name] = true })
}
