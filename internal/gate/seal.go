package gate

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// maxTokenBytes is far more than the size of the gate's tokens.
const maxTokenBytes = 4096

// The errors reveal nothing about the content of a token.
var (
	errNoKey   = errors.New("the gate has no session key yet: wait until the operator creates the Secret, or check the flag --session-key-secret")
	errForeign = errors.New("the gate did not make this token, or made it for another purpose")
)

// sealer encrypts and authenticates the tokens that browsers store for the gate. A
// token is a JWE in compact form (RFC 7516, section 7.1) with direct use of the key and
// AES-256-GCM (RFC 7518, sections 4.5 and 5.3). It opens only tokens with exactly the
// header that the gate writes, so it parses no header.
type sealer struct {
	// purpose is the token's type (RFC 7516, section 4.1.11): a token for one purpose
	// is invalid for another.
	purpose string
	// keys is Options.Keys.
	keys   func() []Key
	now    func() time.Time
	random io.Reader
}

// preparedKey is a key with the parts that all of its tokens share.
type preparedKey struct {
	// header is the encoded protected header, the start of each token.
	header string
	cipher cipher.AEAD
}

// seal returns a token with claims in JSON. It fails while there is no key, or without
// randomness.
func (s *sealer) seal(claims any) (string, error) {
	key, ok := sealingKey(s.keys(), s.now())
	if !ok {
		return "", errNoKey
	}
	prepared, err := s.prepare(key)
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding the claims of a %s token: %w", s.purpose, err)
	}
	nonce := make([]byte, prepared.cipher.NonceSize())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return "", fmt.Errorf("reading random bytes for a %s token: %w", s.purpose, err)
	}
	sealed := prepared.cipher.Seal(nil, nonce, content, []byte(prepared.header))
	text, tag := sealed[:len(content)], sealed[len(content):]
	encoding := base64.RawURLEncoding
	// The second part, an encrypted key, is empty.
	return strings.Join([]string{prepared.header, "", encoding.EncodeToString(nonce), encoding.EncodeToString(text), encoding.EncodeToString(tag)}, "."), nil
}

// open decrypts a token into claims. After an error, the claims are not valid.
func (s *sealer) open(token string, claims any) error {
	if len(token) > maxTokenBytes {
		return errForeign
	}
	for _, key := range slices.Backward(s.keys()) {
		header, err := s.header(key)
		if err != nil {
			continue // the token may be from another key
		}
		rest, found := strings.CutPrefix(token, header+"..")
		if !found {
			continue
		}
		prepared, err := s.prepare(key)
		if err != nil {
			continue
		}
		content, err := prepared.open(rest)
		if err != nil {
			return errForeign
		}
		if err := json.Unmarshal(content, claims); err != nil {
			return errForeign
		}
		return nil
	}
	return errForeign
}

// open decrypts the part of a token after the header: nonce, text, and tag.
func (p *preparedKey) open(rest string) ([]byte, error) {
	nonce, rest, _ := strings.Cut(rest, ".")
	text, tag, _ := strings.Cut(rest, ".")
	encoding := base64.RawURLEncoding.Strict()
	sealed := make([]byte, 0, encoding.DecodedLen(len(text))+encoding.DecodedLen(len(tag)))
	iv, err := encoding.DecodeString(nonce)
	if err != nil || len(iv) != p.cipher.NonceSize() {
		return nil, errForeign
	}
	for _, part := range [...]string{text, tag} {
		if sealed, err = encoding.AppendDecode(sealed, []byte(part)); err != nil {
			return nil, errForeign
		}
	}
	return p.cipher.Open(nil, iv, sealed, []byte(p.header))
}

// prepare returns the parts that all tokens of a key share.
func (s *sealer) prepare(key Key) (*preparedKey, error) {
	if len(key.Secret) != SessionKeyBytes {
		return nil, fmt.Errorf("session key %s has %d bytes, want %d", key.ID, len(key.Secret), SessionKeyBytes)
	}
	block, err := aes.NewCipher(key.Secret)
	if err != nil {
		return nil, fmt.Errorf("using session key %s: %w", key.ID, err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("using session key %s: %w", key.ID, err)
	}
	header, err := s.header(key)
	return &preparedKey{header: header, cipher: gcm}, err
}

// header returns the first part of all tokens of a key.
func (s *sealer) header(key Key) (string, error) {
	header, err := json.Marshal(struct {
		Algorithm  string `json:"alg"`
		Encryption string `json:"enc"`
		KeyID      string `json:"kid"`
		Type       string `json:"typ"`
	}{"dir", "A256GCM", key.ID, s.purpose})
	if err != nil {
		return "", fmt.Errorf("using session key %s: %w", key.ID, err)
	}
	return base64.RawURLEncoding.EncodeToString(header), nil
}

// sealingKey returns the newest key that has started. If none has started, a clock is
// wrong, and it returns the oldest, which every replica has. Keys are oldest first.
func sealingKey(keys []Key, now time.Time) (Key, bool) {
	if len(keys) == 0 {
		return Key{}, false
	}
	chosen := keys[0]
	for _, key := range keys[1:] {
		if !key.From.After(now) {
			chosen = key
		}
	}
	return chosen, true
}

// The Secret with the session keys of the login gate has an entry for each key. The name
// of an entry is the time, in UTC, at which gates start to use the key. An administrator
// rotates keys by adding an entry: every gate has the key before any gate uses it.
const (
	// SessionKeyLayout is the time layout of the names.
	SessionKeyLayout = "20060102T150405Z"
	// SessionKeyBytes is the length of a key.
	SessionKeyBytes = 32
)

// SessionKeys returns the keys in a Secret, the oldest first. It ignores entries that
// are not valid keys.
func SessionKeys(data map[string][]byte) []Key {
	var keys []Key
	for name, value := range data {
		from, err := time.Parse(SessionKeyLayout, name)
		if err != nil || len(value) != SessionKeyBytes {
			continue
		}
		keys = append(keys, Key{ID: name, Secret: value, From: from})
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.ID, b.ID) })
	return keys
}
