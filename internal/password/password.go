// Package password generates passwords and computes their checksums. It does not
// depend on Kubernetes.
package password

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	generator "github.com/sethvargo/go-password/password"
)

// The limits for the length of a generated password, in characters.
const (
	MinLength = 12
	MaxLength = 64
)

// The characters of a password. Similar characters (l and 1, O and 0) are left out,
// and so are those that HTML, shell histories, and mail encodings escape.
const (
	lowerLetters = "abcdefghijkmnpqrstuvwxyz"
	upperLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	digits       = "23456789"
	symbols      = "!#%*-?@_"
)

// attempts is how often Generate draws a password until it has letters of both
// cases. A draw of 12 characters has 8 letters and fails with a probability of
// 1 in 128, so running out of attempts means that the source is not random.
const attempts = 64

// errNotRandom reports that the random source repeats itself.
var errNotRandom = errors.New("the random source returns no usable characters: check the system's random number generator")

// Generate returns a random password of length characters, with at least one
// lowercase letter, uppercase letter, digit, and symbol. The length must be from
// MinLength to MaxLength.
func Generate(random io.Reader, length int) (string, error) {
	if length < MinLength || length > MaxLength {
		return "", fmt.Errorf("password length %d is out of range: use %d to %d characters", length, MinLength, MaxLength)
	}
	source, err := generator.NewGenerator(&generator.GeneratorInput{
		LowerLetters: lowerLetters,
		UpperLetters: upperLetters,
		Digits:       digits,
		Symbols:      symbols,
		Reader:       random,
	})
	if err != nil {
		return "", fmt.Errorf("preparing the password generator: %w", err)
	}
	for range attempts {
		candidate, err := source.Generate(length, length/5, length/6, false, true)
		if err != nil {
			return "", fmt.Errorf("reading random characters: %w", err)
		}
		if strings.ContainsAny(candidate, lowerLetters) && strings.ContainsAny(candidate, upperLetters) {
			return candidate, nil
		}
	}
	return "", errNotRandom
}

// issueIDBytes is 128 bits: enough that two issue IDs are never equal.
const issueIDBytes = 16

// NewIssueID returns a random ID for one password: 32 hexadecimal digits. It is
// independent of the password.
func NewIssueID(random io.Reader) (string, error) {
	id := make([]byte, issueIDBytes)
	if _, err := io.ReadFull(random, id); err != nil {
		return "", fmt.Errorf("reading random bytes for an issue ID: %w", err)
	}
	return hex.EncodeToString(id), nil
}

// Checksum returns the SHA-256 of issue ID, user name, and password, in hexadecimal.
// Each part follows its length, so that different triples never hash the same bytes.
func Checksum(issueID, username, password string) string {
	sum := sha256.New()
	for _, part := range []string{issueID, username, password} {
		// A hash never returns an error (package hash).
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		sum.Write([]byte(part))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
