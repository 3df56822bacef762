package gate

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// formLifetime is how long a form can be left open before it is sent.
	formLifetime = time.Hour
	// nonceBytes is 128 bits: nobody guesses a browser's nonce.
	nonceBytes = 16
	// maxFormCookies is how many cookies of one name are looked at.
	maxFormCookies = 8
)

// formClaims are what the hidden field of a form says: that the gate made the form,
// for one browser.
type formClaims struct {
	Namespace string `json:"namespace"`
	// Nonce is the SHA-256 of the browser's nonce cookie, in base64url.
	Nonce string `json:"nonce"`
	// Expires is in seconds since 1970.
	Expires int64 `json:"expires"`
}

// formCookieName is the name of the cookie with the nonce that a browser's forms
// are bound to. No namespace has a dot, so that it is no contact centre's session
// cookie.
func formCookieName(namespace string) string {
	return "__Host-rollcall-form." + namespace
}

// newFormToken returns the token for a form that a browser is about to get, and sets
// the cookie that goes with it. It fails while there is no key, or without randomness.
func (h *handler) newFormToken(w http.ResponseWriter, r *http.Request, namespace string) (string, error) {
	nonce, err := h.nonce(r, namespace)
	if err != nil {
		return "", err
	}
	token, err := h.forms.seal(formClaims{
		Namespace: namespace,
		Nonce:     hashNonce(nonce),
		Expires:   h.Now().Add(formLifetime).Unix(),
	})
	if err != nil {
		return "", err
	}
	http.SetCookie(w, &http.Cookie{
		Name: formCookieName(namespace), Value: nonce,
		Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return token, nil
}

// nonce is the one that the browser has, so that forms in its other tabs stay good,
// or a new one.
func (h *handler) nonce(r *http.Request, namespace string) (string, error) {
	if had, err := r.Cookie(formCookieName(namespace)); err == nil && isNonce(had.Value) {
		return had.Value, nil
	}
	random := make([]byte, nonceBytes)
	if _, err := io.ReadFull(h.Random, random); err != nil {
		return "", fmt.Errorf("reading random bytes for a form: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(random), nil
}

// isFormToken tells whether a token was made for this browser and contact centre, and
// not too long ago.
func (h *handler) isFormToken(r *http.Request, namespace, token string) bool {
	var claims formClaims
	if err := h.forms.open(token, &claims); err != nil {
		return false
	}
	if claims.Namespace != namespace || h.Now().Unix() >= claims.Expires {
		return false
	}
	for i, cookie := range r.CookiesNamed(formCookieName(namespace)) {
		if i == maxFormCookies {
			return false
		}
		if isNonce(cookie.Value) && subtle.ConstantTimeCompare([]byte(hashNonce(cookie.Value)), []byte(claims.Nonce)) == 1 {
			return true
		}
	}
	return false
}

// isNonce tells whether a cookie's value has the shape of a nonce.
func isNonce(value string) bool {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(value)
	return err == nil && len(decoded) == nonceBytes
}

func hashNonce(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
