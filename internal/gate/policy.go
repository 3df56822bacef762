package gate

import "slices"

// policyAny admits every member whose login is allowed.
const policyAny = "any"

// builtInPolicies exist in every namespace, even without a contact center.
var builtInPolicies = map[string]Policy{
	policyAny:   {},
	"console":   {Roles: []string{"SuperAdmin", "DeskAdmin"}},
	"workbench": {Roles: []string{"DeskStaff", "Supervisor"}},
}

// policy returns the policy of a name. A contact center cannot override a built-in
// policy.
func (c Center) policy(name string) (Policy, bool) {
	if builtIn, ok := builtInPolicies[name]; ok {
		return builtIn, true
	}
	own, ok := c.Policies[name]
	return own, ok
}

// admits reports whether the policy admits a member whose login is allowed.
func (p Policy) admits(m Member) bool {
	if len(p.Roles) > 0 && !slices.Contains(p.Roles, m.Role) {
		return false
	}
	return len(p.SkillGroups) == 0 || slices.ContainsFunc(p.SkillGroups, func(group string) bool {
		return slices.Contains(m.SkillGroups, group)
	})
}
