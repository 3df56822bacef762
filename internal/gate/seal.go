package gate

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// maxTokenBytes is far more than any token of ours has.
const maxTokenBytes = 4096

// Why a token is not opened. They say nothing of what is in it.
var (
	errNoKey        = errors.New("the gate has no session key yet: wait until the operator has made the Secret, or check the flag --session-key-secret")
	errNotOurs      = errors.New("the token is not one of the gate's")
	errOtherPurpose = errors.New("the token was made for something else")
)

// sealer encrypts and authenticates what browsers keep for the gate: JWE in its
// compact form (RFC 7516) with the key used directly and AES-256-GCM (RFC 7518,
// sections 4.5 and 5.3).
type sealer struct {
	// purpose is in the token's type (RFC 7516, section 4.1.11), so that a token
	// made for one thing is not taken for another.
	purpose string
	// keys are those of Options.
	keys func() []Key
	now  func() time.Time
}

// seal returns a token with claims, encoded as JSON. It fails while there is no key.
func (s sealer) seal(claims any) (string, error) {
	key, ok := sealingKey(s.keys(), s.now())
	if !ok {
		return "", errNoKey
	}
	content, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding the claims of a %s token: %w", s.purpose, err)
	}
	options := new(jose.EncrypterOptions).WithType(jose.ContentType(s.purpose))
	recipient := jose.Recipient{Algorithm: jose.DIRECT, Key: key.Secret, KeyID: key.ID}
	encrypter, err := jose.NewEncrypter(jose.A256GCM, recipient, options)
	if err != nil {
		return "", fmt.Errorf("using session key %s: %w", key.ID, err)
	}
	token, err := encrypter.Encrypt(content)
	if err != nil {
		return "", fmt.Errorf("encrypting a %s token with session key %s: %w", s.purpose, key.ID, err)
	}
	return token.CompactSerialize()
}

// open decrypts a token into claims. Every error means that the token says nothing.
func (s sealer) open(token string, claims any) error {
	if len(token) > maxTokenBytes {
		return errNotOurs
	}
	sealed, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return errNotOurs
	}
	if sealed.Header.ExtraHeaders[jose.HeaderType] != s.purpose {
		return errOtherPurpose
	}
	for _, key := range s.keys() {
		if key.ID != sealed.Header.KeyID {
			continue
		}
		content, err := sealed.Decrypt(key.Secret)
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
