package gate

import (
	"net/http"
	"net/url"
	"strconv"
)

// Why a form is not acted on.
const (
	reasonCrossOrigin = "CrossOrigin"
	reasonFormExpired = "FormExpired"
)

// visit is a request to the login page, with what every answer to it takes.
type visit struct {
	w         http.ResponseWriter
	r         *http.Request
	namespace string
	center    Center
	text      *messages
	// back is where to go on to after login.
	back *url.URL
	// email is what the form shows again.
	email string
}

// login shows the login page, and logs in who sends it back with a right password.
// The page posts to its own address, since only the proxy knows which that is.
func (h *handler) login(w http.ResponseWriter, r *http.Request, namespace string) {
	started := h.Now()
	d := Decision{Namespace: namespace, Policy: endpointLogin, Client: h.clientAddress(r)}
	center, ok := h.Directory.Center(namespace)
	switch {
	case !h.knows(namespace):
		d = h.refused(w, r, center, ok, unavailable(d))
	case !ok:
		d = h.refused(w, r, center, ok, d.as(OutcomeNotFound, http.StatusNotFound, reasonUnknownPath))
	default:
		v := &visit{w: w, r: r, namespace: namespace, center: center, text: messagesFor(r, center.Locale)}
		if r.Method != http.MethodPost {
			v.back = returnAddress(center.LoginURL, r.URL.Query().Get(returnField))
			// To look at the page is no decision.
			if !h.show(v) {
				h.note(r, unavailable(d), started)
			}
			return
		}
		d = h.submit(v, d)
	}
	h.note(r, d, started)
}

// unavailable is the decision while the gate does not know, or has no key.
func unavailable(d Decision) Decision {
	d.RetryAfter = retryWhenUnavailable
	return d.as(OutcomeUnavailable, http.StatusServiceUnavailable, reasonNotReady)
}

// refused answers with a refusal, and returns it.
func (h *handler) refused(w http.ResponseWriter, r *http.Request, center Center, hasCenter bool, d Decision) Decision {
	h.refuse(w, r, center, hasCenter, d)
	return d
}

// show answers with the login form, or who is logged in. It is false if it could
// only say that login is not available.
func (h *handler) show(v *visit) bool {
	member, d := h.session(v.r, v.namespace)
	switch d.Outcome {
	case OutcomeAllowed:
		return h.answer(v, http.StatusOK, sessionPage, page{Title: v.text.LoggedIn, Name: member.Name, Email: member.Email})
	case OutcomeForbidden:
		return h.answer(v, http.StatusOK, formPage, page{Alert: v.text.reason(d.Reason), AlertHelp: v.text.AskAdministrator})
	default:
		return h.answer(v, http.StatusOK, formPage, page{})
	}
}

// answer fills in what the pages with forms have in common, and answers with one.
func (h *handler) answer(v *visit, status int, content string, p page) bool {
	token, err := h.newFormToken(v.w, v.r, v.namespace)
	if err != nil {
		h.refuse(v.w, v.r, v.center, true, unavailable(Decision{Namespace: v.namespace}))
		return false
	}
	p.Text, p.Center, p.Token, p.Return = v.text, v.center.DisplayName, token, v.back.String()
	if content == formPage {
		p.Title, p.Email = v.text.LogIn, v.email
	}
	writePage(v.w, status, content, p)
	return true
}

// submit acts on a form that was sent, and answers.
func (h *handler) submit(v *visit, d Decision) Decision {
	form, d := h.readForm(v.w, v.r, d)
	v.back = returnAddress(v.center.LoginURL, form.Get(returnField))
	switch {
	case d.Outcome != "":
		return h.refused(v.w, v.r, v.center, true, d)
	case crossOrigin(v.r, v.center.LoginURL):
		// What another site has filled in is not shown.
		return h.expired(v, d, reasonCrossOrigin)
	case !h.isFormToken(v.r, v.namespace, form.Get(tokenField)):
		v.email = shownAgain(typed(form.Get(emailField)))
		return h.expired(v, d, reasonFormExpired)
	case form.Has(logoutField):
		d.Policy = endpointLogout
		return h.endSession(v.w, v.r, v.center, d)
	}
	email := typed(form.Get(emailField))
	v.email = shownAgain(email)
	member, made := h.authenticate(v.namespace, email, typed(form.Get(passwordField)), d.Client)
	made.Policy, made.Via, made.Client = d.Policy, viaForm, d.Client
	return h.conclude(v, member, made)
}

// expired shows the form again to somebody whose form is not to be acted on.
func (h *handler) expired(v *visit, d Decision, reason string) Decision {
	d.Via = viaForm
	d = d.as(OutcomeRejected, http.StatusForbidden, reason)
	return h.again(v, d, page{Alert: v.text.Expired, AlertHelp: v.text.ExpiredHelp})
}

// conclude answers an attempt to log in: with a session and the way back, or with
// the form again and why.
func (h *handler) conclude(v *visit, member Member, d Decision) Decision {
	switch d.Outcome {
	case OutcomeAllowed:
		cookie, err := h.newSession(v.namespace, member)
		if err != nil {
			return h.refused(v.w, v.r, v.center, true, unavailable(d))
		}
		http.SetCookie(v.w, cookie)
		redirect(v.w, v.back.String())
		d.Status = http.StatusSeeOther
		return d
	case OutcomeForbidden:
		return h.again(v, d, page{Alert: v.text.reason(d.Reason), AlertHelp: v.text.AskAdministrator})
	case OutcomeLocked:
		v.w.Header().Set("Retry-After", strconv.FormatInt(retryAfter(d.RetryAfter), 10))
		return h.again(v, d, page{Alert: v.text.locked(d.RetryAfter)})
	default:
		challengeCookie(v.w.Header(), v.center, v.namespace)
		return h.again(v, d, page{Alert: v.text.WrongPassword, Invalid: true})
	}
}

// again answers with the form, the status of the decision, and why; never with the
// password.
func (h *handler) again(v *visit, d Decision, p page) Decision {
	setReason(v.w.Header(), d)
	if !h.answer(v, d.Status, formPage, p) {
		return unavailable(d)
	}
	return d
}

// redirect sends a browser on with GET (RFC 9110, section 15.4.4). The address is
// absolute and printable ASCII.
func redirect(w http.ResponseWriter, address string) {
	header := w.Header()
	protect(header)
	header.Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
}
