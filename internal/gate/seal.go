package gate

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// maxTokenBytes is far more than any token of ours has.
const maxTokenBytes = 4096

// Why a token is not made or opened. They say nothing of what is in it.
var (
	errNoKey   = errors.New("the gate has no session key yet: wait until the operator has made the Secret, or check the flag --session-key-secret")
	errNotOurs = errors.New("the token is not one of the gate's, or was made for something else")
)

// sealer encrypts and authenticates what browsers keep for the gate. A token is a
// JWE in its compact form (RFC 7516, section 7.1) with the key used directly and
// AES-256-GCM (RFC 7518, sections 4.5 and 5.3). Only tokens with the very header
// that the gate writes are opened, so that no header has to be understood.
type sealer struct {
	// purpose is in the token's type (RFC 7516, section 4.1.11), so that a token
	// made for one thing is not taken for another.
	purpose string
	// keys are those of Options.
	keys   func() []Key
	now    func() time.Time
	random io.Reader

	// prepared are preparedKeys by keyIdentity.
	prepared sync.Map
}

// keyIdentity tells keys from one another.
type keyIdentity struct {
	id     string
	secret [32]byte
}

// preparedKey is a key with all that does not change from token to token.
type preparedKey struct {
	// header is the protected header as tokens begin with it.
	header string
	cipher cipher.AEAD
}

// seal returns a token with claims, encoded as JSON. It fails while there is no key,
// or without randomness.
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
	// The second part is for an encrypted key, of which there is none.
	return strings.Join([]string{prepared.header, "", encoding.EncodeToString(nonce), encoding.EncodeToString(text), encoding.EncodeToString(tag)}, "."), nil
}

// open decrypts a token into claims. Every error means that the token says nothing.
func (s *sealer) open(token string, claims any) error {
	if len(token) > maxTokenBytes {
		return errNotOurs
	}
	for _, key := range s.keys() {
		prepared, err := s.prepare(key)
		if err != nil {
			continue // another key may have made it
		}
		rest, ours := strings.CutPrefix(token, prepared.header+"..")
		if !ours {
			continue
		}
		content, err := prepared.open(rest)
		if err != nil {
			return errNotOurs
		}
		if err := json.Unmarshal(content, claims); err != nil {
			return errNotOurs
		}
		return nil
	}
	return errNotOurs
}

// open decrypts what follows the header: nonce, text and tag.
func (p *preparedKey) open(rest string) ([]byte, error) {
	nonce, rest, _ := strings.Cut(rest, ".")
	text, tag, _ := strings.Cut(rest, ".")
	encoding := base64.RawURLEncoding.Strict()
	sealed := make([]byte, 0, encoding.DecodedLen(len(text))+encoding.DecodedLen(len(tag)))
	iv, err := encoding.DecodeString(nonce)
	if err != nil || len(iv) != p.cipher.NonceSize() {
		return nil, errNotOurs
	}
	for _, part := range [...]string{text, tag} {
		if sealed, err = encoding.AppendDecode(sealed, []byte(part)); err != nil {
			return nil, errNotOurs
		}
	}
	return p.cipher.Open(nil, iv, sealed, []byte(p.header))
}

// prepare returns what does not change between tokens of a key.
func (s *sealer) prepare(key Key) (*preparedKey, error) {
	identity := keyIdentity{id: key.ID}
	if copy(identity.secret[:], key.Secret) != len(key.Secret) || len(key.Secret) != len(identity.secret) {
		return nil, fmt.Errorf("session key %s has %d bytes, not %d", key.ID, len(key.Secret), len(identity.secret))
	}
	if known, ok := s.prepared.Load(identity); ok {
		return known.(*preparedKey), nil //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	block, err := aes.NewCipher(key.Secret)
	if err != nil {
		return nil, fmt.Errorf("using session key %s: %w", key.ID, err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("using session key %s: %w", key.ID, err)
	}
	header, err := json.Marshal(struct {
		Algorithm  string `json:"alg"`
		Encryption string `json:"enc"`
		KeyID      string `json:"kid"`
		Type       string `json:"typ"`
	}{"dir", "A256GCM", key.ID, s.purpose})
	if err != nil {
		return nil, fmt.Errorf("using session key %s: %w", key.ID, err)
	}
	made := &preparedKey{header: base64.RawURLEncoding.EncodeToString(header), cipher: gcm}
	s.prepared.Store(identity, made)
	return made, nil
}

// sealingKey is the newest key that has begun, or the oldest if none has: then a
// clock is wrong, and every replica has the oldest. Keys are oldest first.
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
