package mail

import "testing"

func TestMessageAddresses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, spec, domain string }{
		"bare":                 {"rollcall@example.com", "rollcall@example.com", "example.com"},
		"with a name":          {"Acme Support <rollcall@Example.com>", "rollcall@Example.com", "Example.com"},
		"with a quoted name":   {`"Acme, Inc." <a@b.example>`, "a@b.example", "b.example"},
		"quoted local part":    {`"a@b"@c.example`, `"a@b"@c.example`, "c.example"},
		"two addresses":        {"a@b.example, c@d.example", "", ""},
		"no domain":            {"rollcall", "", ""},
		"empty":                {"", "", ""},
		"line break":           {"a@b.example\r\nBcc: c@d.example", "", ""},
		"international domain": {"a@bücher.example", "", ""},
		"space":                {`"a b"@c.example`, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, specErr := AddressSpec(test.in)
			domain, domainErr := AddressDomain(test.in)
			if spec != test.spec || domain != test.domain {
				t.Errorf("got %q and %q, want %q and %q", spec, domain, test.spec, test.domain)
			}
			if wrong := test.spec == ""; (specErr != nil) != wrong || (domainErr != nil) != wrong {
				t.Errorf("errors are %v and %v", specErr, domainErr)
			}
		})
	}
}
