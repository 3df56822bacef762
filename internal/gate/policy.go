package gate

import "slices"

// policyAny lets everybody in whose login is allowed.
const policyAny = "any"

// builtInPolicies exist in every namespace, contact centre or not.
var builtInPolicies = map[string]Policy{
	policyAny:   {},
	"console":   {Roles: []string{"SuperAdmin", "DeskAdmin"}},
	"workbench": {Roles: []string{"DeskStaff", "Supervisor"}},
}

// policy returns the policy of a name; a contact centre cannot give a built-in name
// another meaning.
func (c Center) policy(name string) (Policy, bool) {
	if builtIn, ok := builtInPolicies[name]; ok {
		return builtIn, true
	}
	own, ok := c.Policies[name]
	return own, ok
}

// admits tells whether the policy lets in a member whose login is allowed.
func (p Policy) admits(m Member) bool {
	if len(p.Roles) > 0 && !slices.Contains(p.Roles, m.Role) {
		return false
	}
	return len(p.SkillGroups) == 0 || slices.ContainsFunc(p.SkillGroups, func(group string) bool {
		return slices.Contains(m.SkillGroups, group)
	})
}
