package gate

import "net/http"

// logout ends the session of a browser. A page of the login page's origin needs no
// form token for it, so that applications can have a button of their own; everybody
// else needs that of the gate's own form.
func (h *handler) logout(w http.ResponseWriter, r *http.Request, namespace string) {
	started := h.Now()
	d := Decision{Namespace: namespace, Policy: endpointLogout, Client: h.clientAddress(r)}
	center, ok := h.Directory.Center(namespace)
	switch {
	case ok:
		d = h.submitLogout(w, r, center, d)
	case !h.knows(namespace):
		d = h.refused(w, r, center, ok, unavailable(d))
	default:
		d = h.refused(w, r, center, ok, d.as(OutcomeNotFound, http.StatusNotFound, reasonUnknownPath))
	}
	h.note(r, d, started)
}

// submitLogout finds out whether the person means it, and answers.
func (h *handler) submitLogout(w http.ResponseWriter, r *http.Request, center Center, d Decision) Decision {
	if crossOrigin(r, center.LoginURL) {
		return h.refused(w, r, center, true, d.as(OutcomeRejected, http.StatusForbidden, reasonCrossOrigin))
	}
	if sameOrigin(r, center.LoginURL) {
		return h.endSession(w, r, center, d)
	}
	form, d := h.readForm(w, r, d)
	if d.Outcome != "" {
		return h.refused(w, r, center, true, d)
	}
	if !h.isFormToken(r, d.Namespace, form.Get(tokenField)) {
		return h.refused(w, r, center, true, d.as(OutcomeRejected, http.StatusForbidden, reasonFormExpired))
	}
	return h.endSession(w, r, center, d)
}

// endSession takes the session cookie away and sends the browser to the login page.
// It does so whether or not the session was good, and says in the decision whose it
// was.
func (h *handler) endSession(w http.ResponseWriter, r *http.Request, center Center, d Decision) Decision {
	// A session that was over is still somebody's, of whom there is no Member here.
	if _, found := h.session(r, d.Namespace); found.Member != "" {
		d.Member, d.Email, d.Via = found.Member, found.Email, viaSession
	}
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookieName(d.Namespace), Path: "/", MaxAge: -1,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	redirect(w, loginAddress(center.LoginURL, nil))
	return d.as(OutcomeAllowed, http.StatusSeeOther, "")
}
