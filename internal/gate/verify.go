package gate

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// retryWhenUnavailable is when a client may ask again while the gate does not know.
const retryWhenUnavailable = 5 * time.Second

// verify answers the forward-auth question of a proxy: may who sends this request
// in, by a policy? It answers whatever the method, and reads no body.
func (h *handler) verify(w http.ResponseWriter, r *http.Request, namespace, policyName string) {
	started := h.Now()
	center, hasCenter := h.Directory.Center(namespace)
	member, d := h.decide(r, center, namespace, policyName)
	// Nobody is let in without a line about it.
	if err := h.finish(r, d, started); err != nil && d.Outcome == OutcomeAllowed {
		d = unavailable(d)
	}
	if d.Outcome == OutcomeAllowed {
		identify(w.Header(), member)
		w.WriteHeader(http.StatusOK)
		return
	}
	h.refuse(w, r, center, hasCenter, d)
}

// decide says whether a request is let in, and whose it is. What the gate does not
// know, and what the proxy's configuration has wrong, comes before anybody's
// credentials.
func (h *handler) decide(r *http.Request, center Center, namespace, policyName string) (Member, Decision) {
	client := h.clientAddress(r)
	asked := Decision{Namespace: namespace, Policy: policyName, Client: client}
	if !h.knows(namespace) {
		asked.RetryAfter = retryWhenUnavailable
		return Member{}, asked.as(OutcomeUnavailable, http.StatusServiceUnavailable, reasonNotReady)
	}
	policy, ok := center.policy(policyName)
	if !ok {
		return Member{}, asked.as(OutcomeNotFound, http.StatusNotFound, reasonUnknownPolicy)
	}
	var member Member
	var d Decision
	if credentials := r.Header["Authorization"]; slices.ContainsFunc(credentials, isBasic) {
		member, d = h.basic(r, namespace, client)
	} else {
		member, d = h.session(r, namespace)
	}
	d.Policy, d.Client = policyName, client
	switch {
	case d.Outcome != OutcomeAllowed:
		return member, d
	case !policy.admits(member):
		return member, d.as(OutcomeForbidden, http.StatusForbidden, reasonPolicyNotMet)
	case !safeIdentity(member):
		return member, d.as(OutcomeForbidden, http.StatusForbidden, reasonUnsafeIdentity)
	default:
		return member, d
	}
}

// basic returns who a request's HTTP Basic credentials (RFC 7617) belong to.
func (h *handler) basic(r *http.Request, namespace string, client netip.Addr) (Member, Decision) {
	email, password, ok := r.BasicAuth()
	// With two Authorization headers, the gate and what is behind the proxy may look
	// at different ones.
	if !ok || len(r.Header["Authorization"]) > 1 {
		malformed := Decision{Namespace: namespace, Via: viaBasic}
		return Member{}, malformed.as(OutcomeUnauthenticated, http.StatusUnauthorized, reasonMalformedCredentials)
	}
	member, d := h.authenticate(namespace, email, password, client)
	d.Via = viaBasic
	return member, d
}

// isBasic tells whether an Authorization header is of the scheme Basic, well-formed
// or not. Other schemes are for what is behind the proxy.
func isBasic(authorization string) bool {
	scheme, _, _ := strings.Cut(strings.ReplaceAll(authorization, "\t", " "), " ")
	return strings.EqualFold(scheme, "Basic")
}

// identify writes who a member is into the headers of an answer. The groups are in
// order, so that equal members give equal headers.
func identify(header http.Header, m Member) {
	preferred := m.AgentID
	if preferred == "" {
		preferred = m.Name
	}
	header["Cache-Control"] = []string{"no-store"}
	header["X-Auth-Request-User"] = []string{m.Name}
	header["X-Auth-Request-Email"] = []string{m.Email}
	header["X-Auth-Request-Preferred-Username"] = []string{preferred}
	header["X-Auth-Request-Groups"] = []string{groups(m)}
}

// groups lists the skill groups of a member in order, and then the role, which no
// group's name looks like.
func groups(m Member) string {
	names := slices.DeleteFunc(slices.Sorted(slices.Values(m.SkillGroups)), func(name string) bool {
		return !isGroupName(name)
	})
	return strings.Join(append(names, "role:"+m.Role), ",")
}

// isGroupName tells whether a name has only what names of objects have (RFC 1123),
// so cannot pass for two groups or for a role.
func isGroupName(name string) bool {
	for _, c := range []byte(name) {
		if !isLetterOrDigit(c) && c != '-' && c != '.' {
			return false
		}
	}
	return name != ""
}

// safeIdentity tells whether what is said of a member fits into headers, byte for
// byte: printable ASCII without spaces. The CRD sees to it; nobody is let in under
// another's name should it not.
func safeIdentity(m Member) bool {
	for _, text := range [...]string{m.Name, m.Email, m.AgentID, m.Role} {
		for _, c := range []byte(text) {
			if c <= ' ' || c > '~' {
				return false
			}
		}
	}
	return m.Name != ""
}
