package gate

import (
	"crypto/md5"  //nolint:gosec // what htpasswd makes by default, which is what is measured
	"crypto/sha1" //nolint:gosec // what htpasswd -s makes, which is the fastest that nginx takes
	"encoding/base64"
)

// htpasswdSHA is a password as `htpasswd -s` stores it.
func htpasswdSHA(password string) string {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // as said above
	return "{SHA}" + base64.StdEncoding.EncodeToString(sum[:])
}

// apr1Digits are the digits of base 64 in hashes of crypt(3), the lowest first.
const apr1Digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// htpasswdAPR1 is a password as htpasswd stores it by default: Apache's variant of
// MD5 of crypt(3), a thousand rounds with a salt of eight characters.
func htpasswdAPR1(password, salt string) string {
	const magic = "$apr1$"
	twice := md5.Sum([]byte(password + salt + password)) //nolint:gosec // as said above
	text := []byte(password + magic + salt)
	for left := len(password); left > 0; left -= len(twice) {
		text = append(text, twice[:min(left, len(twice))]...)
	}
	for bits := len(password); bits > 0; bits >>= 1 {
		if bits&1 == 1 {
			text = append(text, 0)
		} else {
			text = append(text, password[0])
		}
	}
	sum := md5.Sum(text) //nolint:gosec // as said above
	for round := range 1000 {
		parts := [2]string{string(sum[:]), password}
		text := parts[round&1]
		if round%3 != 0 {
			text += salt
		}
		if round%7 != 0 {
			text += password
		}
		sum = md5.Sum([]byte(text + parts[1-round&1])) //nolint:gosec // as said above
	}
	return magic + salt + "$" + apr1Encode(sum)
}

// apr1Encode writes a sum in digits of base 64, its bytes in the order of crypt(3).
func apr1Encode(sum [md5.Size]byte) string {
	encoded := make([]byte, 0, 22)
	write := func(value uint, digits int) {
		for range digits {
			encoded = append(encoded, apr1Digits[value&63])
			value >>= 6
		}
	}
	for _, at := range [][3]int{{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}} {
		write(uint(sum[at[0]])<<16|uint(sum[at[1]])<<8|uint(sum[at[2]]), 4)
	}
	write(uint(sum[11]), 2)
	return string(encoded)
}
