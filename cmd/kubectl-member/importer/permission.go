package importer

import (
	"context"

	authorizationv1 "k8s.io/api/authorization/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// checkPermission refuses an import early if the user's profile lacks the action Import. If the
// permission is unknown, the API server decides on each row.
func (r *run) checkPermission(ctx context.Context) error {
	imports, err := r.may(ctx, v1alpha1.VerbImport)
	if err != nil || imports {
		return nil //nolint:nilerr // the API server is left to say so
	}
	if limited, err := r.may(ctx, v1alpha1.VerbLimited); err != nil || !limited {
		return nil //nolint:nilerr // as above
	}
	return cli.Errorf(cli.ExitFailed, "you are not allowed to import members into namespace %s: your user profile lacks the action Import. Nothing was written. Ask an administrator for a profile with that action", r.namespace)
}

// may reports whether the user may use a verb on members.
func (r *run) may(ctx context.Context, verb string) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: r.namespace, Verb: verb, Group: v1alpha1.GroupVersion.Group, Resource: "members",
		},
	}}
	err := r.cluster.Create(ctx, review)
	return review.Status.Allowed, err
}
