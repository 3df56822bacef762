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
	// formLifetime is how long a form can stay open before it is submitted.
	formLifetime = time.Hour
	// nonceBytes is 128 bits: attackers cannot guess a browser's nonce.
	nonceBytes = 16
)

// formClaims are the content of a form's hidden field. They prove that the gate made
// the form, for one browser.
type formClaims struct {
	Namespace string `json:"namespace"`
	// Nonce is the SHA-256 of the browser's nonce cookie, in base64url.
	Nonce string `json:"nonce"`
	// Expires is in seconds since 1970.
	Expires int64 `json:"expires"`
}

// newFormToken returns the token of a new form, and sets the cookie that belongs to
// it. It fails while there is no key, or without randomness.
func (h *handler) newFormToken(x *exchange) (string, error) {
	nonce, err := h.nonce(x)
	if err != nil {
		return "", err
	}
	token, err := h.forms.seal(formClaims{
		Namespace: x.asked.Namespace,
		Nonce:     hashNonce(nonce),
		Expires:   h.Now().Add(formLifetime).Unix(),
	})
	if err != nil {
		return "", err
	}
	http.SetCookie(x.w, &http.Cookie{
		Name: formCookieName(x.asked.Namespace), Value: nonce,
		Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return token, nil
}

// nonce returns the browser's nonce, so that forms in its other tabs stay valid, or a
// new one.
func (h *handler) nonce(x *exchange) (string, error) {
	if cookie, err := x.r.Cookie(formCookieName(x.asked.Namespace)); err == nil && isNonce(cookie.Value) {
		return cookie.Value, nil
	}
	random := make([]byte, nonceBytes)
	if _, err := io.ReadFull(h.Random, random); err != nil {
		return "", fmt.Errorf("reading random bytes for a form: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(random), nil
}

// isFormToken reports whether a token belongs to this browser and contact center and
// has not expired.
func (h *handler) isFormToken(x *exchange, token string) bool {
	var claims formClaims
	if err := h.forms.open(token, &claims); err != nil {
		return false
	}
	if claims.Namespace != x.asked.Namespace || h.Now().Unix() >= claims.Expires {
		return false
	}
	for _, cookie := range cookiesNamed(x.r, formCookieName(x.asked.Namespace)) {
		if isNonce(cookie.Value) && subtle.ConstantTimeCompare([]byte(hashNonce(cookie.Value)), []byte(claims.Nonce)) == 1 {
			return true
		}
	}
	return false
}

// isNonce reports whether a cookie value has the shape of a nonce.
func isNonce(value string) bool {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(value)
	return err == nil && len(decoded) == nonceBytes
}

func hashNonce(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
