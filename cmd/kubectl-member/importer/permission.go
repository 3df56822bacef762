package importer

import (
	"context"

	authorizationv1 "k8s.io/api/authorization/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// mayImport refuses an import by somebody whose user profile lacks the action Import,
// before the API server refuses every row of it. Where it cannot be found out, the API
// server is left to say so.
func (r *run) mayImport(ctx context.Context) error {
	imports, err := r.may(ctx, v1alpha1.VerbImport)
	if err != nil || imports {
		return nil //nolint:nilerr // the API server is left to say so
	}
	if limited, err := r.may(ctx, v1alpha1.VerbLimited); err != nil || !limited {
		return nil //nolint:nilerr // as above
	}
	return cli.Errorf(cli.ExitFailed, "you may not import members into namespace %s: your user profile lacks the action Import. Nothing was written: ask an administrator for a profile with it, or for the import", r.namespace)
}

// may is whether whoever runs this may use a verb on members.
func (r *run) may(ctx context.Context, verb string) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: r.namespace, Verb: verb, Group: v1alpha1.GroupVersion.Group, Resource: "members",
		},
	}}
	err := r.cluster.Create(ctx, review)
	return review.Status.Allowed, err
}
