package directory

import (
	"net/url"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// newCenter returns what the gate needs of a ContactCenter, and false if its login
// URL is invalid.
func newCenter(object *v1alpha1.ContactCenter) (gate.Center, bool) {
	loginURL, err := url.Parse(object.Spec.LoginURL)
	if err != nil || loginURL.Host == "" {
		return gate.Center{}, false
	}
	center := gate.Center{
		DisplayName: object.Spec.DisplayName, LoginURL: loginURL, Locale: string(object.Spec.Locale),
		Policies: map[string]gate.Policy{},
	}
	if object.Spec.Gate == nil {
		return center, true
	}
	for _, policy := range object.Spec.Gate.Policies {
		roles := make([]string, 0, len(policy.Roles))
		for _, role := range policy.Roles {
			roles = append(roles, string(role))
		}
		center.Policies[policy.Name] = gate.Policy{Roles: roles, SkillGroups: policy.SkillGroups}
	}
	return center, true
}
