package controllers

import (
	"context"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// profileFacts describe the user profile that counts for a Member.
type profileFacts struct {
	// found is whether there is such a profile; the built-in ones always are.
	found bool
}

// describeProfile finds out about a user profile; the zero value for no name.
func (r *MemberReconciler) describeProfile(_ context.Context, _, name string) (profileFacts, error) {
	return profileFacts{found: v1alpha1.IsBuiltInProfile(name)}, nil
}
