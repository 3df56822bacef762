package directory

import (
	"net/url"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// readCenter returns the key of a namespace's only ContactCenter and what the gate
// needs of it, and false if its login URL is invalid.
func readCenter(object *v1alpha1.ContactCenter) (types.NamespacedName, gate.Center, bool) {
	key := types.NamespacedName{Namespace: object.Namespace}
	loginURL, err := url.Parse(object.Spec.LoginURL)
	if err != nil || loginURL.Host == "" {
		return key, gate.Center{}, false
	}
	center := gate.Center{
		DisplayName: object.Spec.DisplayName, LoginURL: loginURL, Locale: string(object.Spec.Locale),
		Policies: map[string]gate.Policy{},
	}
	if object.Spec.Gate == nil {
		return key, center, true
	}
	for _, policy := range object.Spec.Gate.Policies {
		roles := make([]string, 0, len(policy.Roles))
		for _, role := range policy.Roles {
			roles = append(roles, string(role))
		}
		center.Policies[policy.Name] = gate.Policy{Roles: roles, SkillGroups: policy.SkillGroups}
	}
	return key, center, true
}
