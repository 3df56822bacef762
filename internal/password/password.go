// Package password generates passwords and checks that they are intact. It
// knows nothing of Kubernetes.
package password

import (
	"errors"
	"fmt"
	"io"
	"strings"

	generator "github.com/sethvargo/go-password/password"
)

// Bounds of the length of a generated password, in characters.
const (
	MinLength = 12
	MaxLength = 64
)

// The characters of a password. What people mistake for one another (l and 1, O
// and 0) is left out, and so is what HTML, shells' histories and mail encodings
// write in another way.
const (
	lowerLetters = "abcdefghijkmnpqrstuvwxyz"
	upperLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	digits       = "23456789"
	symbols      = "!#%*-?@_"
)

// attempts is how often Generate draws again for a password that has both cases
// of letters. A draw of 12 characters has 8 letters and misses with a chance of
// 1 in 128, so running out of attempts means that the source is not random.
const attempts = 64

// errNotRandom is a random source that repeats itself.
var errNotRandom = errors.New("the random source gives no usable characters: check the system's random number generator")

// Generate returns a random password of length characters, with lower-case and
// upper-case letters, digits and symbols each at least once. The length has to
// be from MinLength to MaxLength. The random source is read until then.
func Generate(random io.Reader, length int) (string, error) {
	if length < MinLength || length > MaxLength {
		return "", fmt.Errorf("a password of %d characters was asked for: the length must be from %d to %d", length, MinLength, MaxLength)
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
