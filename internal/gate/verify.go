package gate

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// verify answers the forward-auth request of a proxy: does the policy let in the
// sender of this request? It answers every method, and reads no body.
func (h *handler) verify(x *exchange) {
	member, d := h.decide(x, x.asked.Policy)
	if d = h.recordFirst(x, d); d.Outcome != OutcomeAllowed {
		x.refuse(d)
		return
	}
	identify(x.w.Header(), member)
	x.w.WriteHeader(http.StatusOK)
}

// decide returns whether a policy lets a request in, and the member who sent it. It
// checks the state of the gate and the proxy's configuration before the credentials.
func (h *handler) decide(x *exchange, policyName string) (Member, Decision) {
	if !h.canDecide(x.asked.Namespace) {
		return Member{}, x.asked.as(notReady)
	}
	policy, ok := x.center.policy(policyName)
	if !ok {
		return Member{}, x.asked.as(unknownPolicy)
	}
	var member Member
	var d Decision
	if slices.ContainsFunc(x.r.Header["Authorization"], isBasic) {
		member, d = h.basic(x.r, x.asked)
	} else {
		member, d = h.session(x.r, x.asked)
	}
	switch {
	case d.Outcome != OutcomeAllowed:
		return member, d
	case !policy.admits(member):
		return member, d.as(policyNotMet)
	case !hasSafeIdentity(member):
		return member, d.as(unsafeIdentity)
	default:
		return member, d
	}
}

// basic returns the member of a request's HTTP Basic credentials (RFC 7617).
func (h *handler) basic(r *http.Request, asked Decision) (Member, Decision) {
	asked.Via = ViaBasic
	email, password, ok := r.BasicAuth()
	// Given two Authorization headers, the gate and the application might read
	// different ones.
	if !ok || len(r.Header["Authorization"]) > 1 {
		return Member{}, asked.as(malformedCredentials)
	}
	return h.authenticate(asked, email, password)
}

// isBasic reports whether an Authorization header has the scheme Basic, well-formed or
// not. Other schemes are for the application.
func isBasic(authorization string) bool {
	scheme, _, _ := strings.Cut(strings.ReplaceAll(authorization, "\t", " "), " ")
	return strings.EqualFold(scheme, "Basic")
}

// identify writes a member's identity to the headers of an answer.
func identify(header http.Header, m Member) {
	header["Cache-Control"] = []string{"no-store"}
	header["X-Auth-Request-User"] = []string{m.Name}
	header["X-Auth-Request-Email"] = []string{m.Email}
	header["X-Auth-Request-Preferred-Username"] = []string{cmp.Or(m.AgentID, m.Name)}
	header["X-Auth-Request-Groups"] = []string{groups(m)}
}

// groups returns the sorted skill groups of a member, and then the role, which
// differs from every group name. It leaves out a name that could pass for two groups
// or for a role.
func groups(m Member) string {
	names := slices.DeleteFunc(slices.Sorted(slices.Values(m.SkillGroups)), func(name string) bool {
		return name == "" || !consistsOf(name, isNameCharacter)
	})
	return strings.Join(append(names, "role:"+m.Role), ",")
}

// hasSafeIdentity reports whether a member's identity fits into headers byte for byte.
// The CRD ensures that; if it ever does not, the gate refuses the member rather than
// let them in under another name.
func hasSafeIdentity(m Member) bool {
	for _, text := range [...]string{m.Name, m.Email, m.AgentID, m.Role} {
		if !consistsOf(text, isVisible) {
			return false
		}
	}
	return m.Name != ""
}

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
