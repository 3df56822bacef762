package gate

import "net/http"

// logout ends the session of a browser. Pages of the login page's origin need no
// form token, so that applications can have their own button. Every other client
// needs the token of the gate's form.
func (h *handler) logout(x *exchange) {
	switch {
	case x.hasCenter:
		h.note(x, h.submitLogout(x))
	case !h.canDecide(x.asked.Namespace):
		h.note(x, x.refuse(x.asked.as(notReady)))
	default:
		h.note(x, x.refuse(x.asked.as(unknownPath)))
	}
}

// submitLogout checks that the user wants to log out, and answers.
func (h *handler) submitLogout(x *exchange) Decision {
	switch originOf(x.r, x.center.LoginURL) {
	case otherOrigin:
		return x.refuse(x.asked.as(crossOrigin))
	case loginOrigin:
		return h.endSession(x, x.asked)
	case unstatedOrigin:
	}
	form, refusal, ok := h.readForm(x)
	if !ok {
		return x.refuse(x.asked.as(refusal))
	}
	if !h.isFormToken(x, form.Get(tokenField)) {
		return x.refuse(x.asked.as(formExpired))
	}
	return h.endSession(x, x.asked)
}

// endSession deletes the session cookie, valid or not, and sends the browser to the
// login page. The decision names the member of the session.
func (h *handler) endSession(x *exchange, d Decision) Decision {
	// An ended session also names its member, although session returns no Member.
	if _, found := h.session(x.r, x.asked); found.Member != "" {
		d.Member, d.Email, d.Via = found.Member, found.Email, ViaSession
	}
	http.SetCookie(x.w, sessionCookie(d.Namespace, "", -1))
	redirect(x.w, loginAddress(x.center.LoginURL, nil))
	return d.as(redirected)
}
