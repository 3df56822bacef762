package mail

import (
	"fmt"
	"net/mail"
	"strings"
)

// addressError is an invalid address and the reason.
type addressError struct {
	address, problem string
}

// Error returns the address and the problem.
func (e *addressError) Error() string {
	return fmt.Sprintf("the address %q %s", clip(e.address, 400), e.problem)
}

// AddressDomain returns the domain of one RFC 5322 address, with or without a
// display name. Its case stays as it is. The error says why text is not such an
// address, or why some mail servers reject it.
func AddressDomain(address string) (string, error) {
	spec, err := AddressSpec(address)
	if err != nil {
		return "", err
	}
	return spec[strings.LastIndexByte(spec, '@')+1:], nil
}

// AddressSpec returns the bare address for MAIL FROM (RFC 5321, section 4.1.1.2) of
// one RFC 5322 address. Its errors are those of AddressDomain.
func AddressSpec(address string) (string, error) {
	parsed, err := parseAddress(address)
	if err != nil {
		return "", err
	}
	bare := mail.Address{Address: parsed.Address}
	return strings.Trim(bare.String(), "<>"), nil
}

// parseAddress parses one RFC 5322 address and cleans its display name.
func parseAddress(address string) (*mail.Address, error) {
	parsed, err := mail.ParseAddress(address)
	if err != nil {
		return nil, &addressError{address, "is not a single RFC 5322 address: " +
			"write it as rollcall@example.com or Acme Support <rollcall@example.com>"}
	}
	if strings.ContainsFunc(parsed.Address, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, &addressError{address, "has characters that some mail servers reject: " +
			"use ASCII without spaces, and the xn-- form of an international domain name"}
	}
	parsed.Name = displayName(parsed.Name)
	return parsed, nil
}
