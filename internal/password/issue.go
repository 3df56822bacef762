package password

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
)

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
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		// A hash never returns an error (package hash).
		sum.Write(length[:])
		sum.Write([]byte(part))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
