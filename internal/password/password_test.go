package password_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"rollcall.dev/rollcall/internal/password"
)

func TestAPasswordHasItsLengthAndEveryClassOfCharacter(t *testing.T) {
	t.Parallel()
	for length := password.MinLength; length <= password.MaxLength; length++ {
		for range 50 {
			got, err := password.Generate(rand.Reader, length)
			if err != nil {
				t.Fatalf("Generate(%d): %v", length, err)
			}
			if len(got) != length {
				t.Fatalf("Generate(%d) has %d characters", length, len(got))
			}
			for class, characters := range map[string]string{
				"lower case": "abcdefghijkmnpqrstuvwxyz", "upper case": "ABCDEFGHJKLMNPQRSTUVWXYZ",
				"digit": "23456789", "symbol": "!#%*-?@_",
			} {
				if !strings.ContainsAny(got, characters) {
					t.Errorf("a password of %d characters has no %s", length, class)
				}
			}
			if strings.ContainsAny(got, "lo1O0I=+&<>'\"\\`$ ") {
				t.Errorf("a password of %d characters has a character that is easily misread or mangled", length)
			}
		}
	}
}

func TestPasswordsAreNotRepeated(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 5000 {
		got, err := password.Generate(rand.Reader, password.MinLength)
		if err != nil {
			t.Fatal(err)
		}
		if seen[got] {
			t.Fatal("the same password came twice in 5000")
		}
		seen[got] = true
	}
}

func TestALengthOutOfRangeIsRejected(t *testing.T) {
	t.Parallel()
	for _, length := range []int{-1, 0, password.MinLength - 1, password.MaxLength + 1} {
		if _, err := password.Generate(rand.Reader, length); err == nil {
			t.Errorf("Generate(%d) returned no error", length)
		}
	}
}

func TestABrokenRandomSourceReturnsAnErrorAndNoPassword(t *testing.T) {
	t.Parallel()
	broken := errors.New("no entropy")
	if got, err := password.Generate(iotest.ErrReader(broken), 20); !errors.Is(err, broken) || got != "" {
		t.Errorf("Generate on a failing source: %d characters, error %v", len(got), err)
	}
	if _, err := password.Generate(zeros{}, 20); err == nil {
		t.Error("Generate on a source of zeros returned no error")
	}
	if _, err := password.NewIssueID(bytes.NewReader([]byte{1, 2, 3})); err == nil {
		t.Error("NewIssueID on a short source returned no error")
	}
}

// zeros is a random source that is not random.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestAnIssueIDIs128BitsInHexadecimal(t *testing.T) {
	t.Parallel()
	got, err := password.NewIssueID(bytes.NewReader(bytes.Repeat([]byte{0xab}, 16)))
	if err != nil || got != strings.Repeat("ab", 16) {
		t.Errorf("NewIssueID = %q, %v", got, err)
	}
}

func TestTheChecksumDependsOnEveryPart(t *testing.T) {
	t.Parallel()
	original := password.Checksum("id", "user", "secret")
	if original != password.Checksum("id", "user", "secret") || len(original) != 64 {
		t.Fatalf("Checksum is not stable or not SHA-256: %q", original)
	}
	for name, other := range map[string]string{
		"issue ID":                 password.Checksum("iD", "user", "secret"),
		"user name":                password.Checksum("id", "User", "secret"),
		"password":                 password.Checksum("id", "user", "Secret"),
		"characters moved between": password.Checksum("idu", "ser", "secret"),
		"parts left empty":         password.Checksum("iduser", "", "secret"),
	} {
		if other == original {
			t.Errorf("a change of %s does not change the checksum", name)
		}
	}
}
