package main

import (
	"context"

	authorizationv1 "k8s.io/api/authorization/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// mayImport refuses an import by somebody whose user profile lacks the action Import,
// before the API server refuses every row of it. Where it cannot be found out, the API
// server is left to say so.
func (r *importRun) mayImport(ctx context.Context) error {
	if r.may(ctx, v1alpha1.VerbImport) || !r.may(ctx, v1alpha1.VerbLimited) {
		return nil
	}
	return withCode(exitFailed, "you may not import members into namespace %s: your user profile lacks the action Import. Nothing was written: ask an administrator for a profile with it, or for the import", r.namespace)
}

// may is whether whoever runs this may use a verb on members.
func (r *importRun) may(ctx context.Context, verb string) bool {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: r.namespace, Verb: verb, Group: v1alpha1.GroupVersion.Group, Resource: "members",
		},
	}}
	return r.cluster.Create(ctx, review) == nil && review.Status.Allowed
}
