package v1alpha1_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var (
	validContactCenter = fields{"spec": map[string]any{
		"displayName": "Acme Support",
		"loginURL":    "https://desk.example.com/login",
		"superAdmin":  map[string]any{"email": "sam@example.com"},
	}}
	validMail = fields{"spec.mail": map[string]any{
		"from": "rollcall@example.com",
		"smtp": map[string]any{"host": "smtp.example.com"},
	}}
)

func TestContactCenterAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	runRules(t, "ContactCenter", "default", validContactCenter, slices.Concat(
		lineRules("spec.displayName", 80),
		choiceRules("spec.locale", "en", "zh-CN", "fr", "id"),
		lineRules("spec.superAdmin.name", 64),
		emailRules("spec.superAdmin.email"),
		lengthRules("spec.superAdmin.passwordReset", 64),
		numberRules("spec.passwords.length", 12, 64),
		loginURLRules(),
		identityRules(),
		gateRules(),
		[]ruleTest{
			{name: "the valid contact center is accepted"},
			{name: "an empty display name is rejected", set: fields{"spec.displayName": ""}, want: "should be at least 1 chars long"},
			{name: "a missing display name is rejected", set: fields{"spec.displayName": nil}, want: "spec.displayName: Required value"},
			{name: "a missing Super Admin is rejected", set: fields{"spec.superAdmin": nil}, want: "spec.superAdmin: Required value"},
		},
	))
}

func TestContactCenterIsASingletonNamedDefault(t *testing.T) {
	t.Parallel()
	runRules(t, "ContactCenter", "second", validContactCenter, []ruleTest{{
		name: "another name is rejected",
		want: "a namespace has one ContactCenter and its name is default: set metadata.name to default, and use another namespace for another contact center",
	}})
}

func TestContactCenterMailAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	valid := make(fields)
	u := object(t, "ContactCenter", "default", validContactCenter, validMail)
	valid["spec"] = u.Object["spec"]
	runRules(t, "ContactCenter", "default", valid, slices.Concat(
		addressRules("spec.mail.from"),
		addressRules("spec.mail.replyTo"),
		hostRules(),
		numberRules("spec.mail.smtp.port", 1, 65535),
		choiceRules("spec.mail.smtp.tls", "StartTLS", "Implicit", "None"),
		numberRules("spec.mail.smtp.maxPerMinute", 1, 100000),
		referenceRules("spec.mail.smtp.authSecretRef"),
		referenceRules("spec.mail.smtp.caSecretRef"),
		referenceRules("spec.mail.templates.configMapRef"),
		clearTextRules(),
		[]ruleTest{
			{name: "the valid mail is accepted"},
			{name: "mail without a sender is rejected", set: fields{"spec.mail.from": nil}, want: "spec.mail.from: Required value"},
			{name: "mail without a server is rejected", set: fields{"spec.mail.smtp": nil}, want: "spec.mail.smtp: Required value"},
			{name: "a server without a host is rejected", set: fields{"spec.mail.smtp.host": nil}, want: "spec.mail.smtp.host: Required value"},
			{name: "templates without a ConfigMap are rejected", set: fields{"spec.mail.templates": map[string]any{}}, want: "spec.mail.templates.configMapRef: Required value"},
		},
	))
}

func TestContactCenterDefaults(t *testing.T) {
	t.Parallel()
	needServer(t)
	checkDefaults(t, object(t, "ContactCenter", "default", validContactCenter), fields{
		"spec.locale": "en", "spec.passwords.length": int64(20), "spec.mail": nil, "spec.identity": nil, "status.observedGeneration": int64(-1),
	})
	checkDefaults(t, object(t, "ContactCenter", "default", validContactCenter, validMail, fields{"spec.passwords": map[string]any{}}), fields{
		"spec.mail.smtp.tls": "StartTLS", "spec.mail.smtp.port": nil, "spec.passwords.length": int64(20),
	})
}

func loginURLRules() []ruleTest {
	rejected := "loginURL must be an absolute http or https URL, for example https://desk.example.com/login"
	base := "https://desk.example.com/"
	tests := []ruleTest{
		{name: "a login URL of 2048 characters is accepted", set: fields{"spec.loginURL": base + strings.Repeat("a", 2048-len(base))}},
		{name: "a login URL of 2049 characters is rejected", set: fields{"spec.loginURL": base + strings.Repeat("a", 2049-len(base))}, want: "may not be more than 2048"},
		{name: "a missing login URL is rejected", set: fields{"spec.loginURL": nil}, want: "spec.loginURL: Required value"},
	}
	for _, good := range []string{"http://desk.example.com", "https://desk.example.com:8443/login?a=b&c=d", "https://[2001:db8::1]/"} {
		tests = append(tests, ruleTest{name: "the login URL " + good + " is accepted", set: fields{"spec.loginURL": good}})
	}
	for _, bad := range []string{"", "desk.example.com", "/login", "ftp://desk.example.com/", "https:///login", "javascript:alert(1)", "https://desk.example.com/\nx"} {
		tests = append(tests, ruleTest{name: "the login URL " + bad + " is rejected", set: fields{"spec.loginURL": bad}, want: rejected})
	}
	for _, bad := range []string{`https://desk.example.com/"><script>`, "https://desk.example.com/a b", "https://desk.example.com/\u202eb", "https://desk.example.com/\u2028b"} {
		tests = append(tests, ruleTest{name: "the login URL " + bad + " is rejected", set: fields{"spec.loginURL": bad}, want: "percent-encode them, for example %20 for a space"})
	}
	return tests
}

func identityRules() []ruleTest {
	identity := func(prefix string) fields {
		return fields{"spec.identity": map[string]any{"usernamePrefix": prefix}}
	}
	const ask = "use the prefix that the API server puts before the user names of your issuer, for example oidc:"
	tests := []ruleTest{
		{name: "a user name prefix of 253 characters is accepted", set: identity(strings.Repeat("a", 253))},
		{name: "a user name prefix of 253 multi-byte characters is accepted", set: identity(strings.Repeat("陈", 253))},
		{name: "a user name prefix of 254 characters is rejected", set: identity(strings.Repeat("a", 254)), want: "may not be more than 253"},
		{name: "an empty user name prefix is rejected", set: identity(""), want: "spec.identity.usernamePrefix in body should be at least 1 chars long"},
		{name: "an identity without a user name prefix is rejected", set: fields{"spec.identity": map[string]any{}}, want: "spec.identity.usernamePrefix: Required value"},
	}
	for _, good := range []string{"oidc:", "-", "https://idp.example.com#", "acme/", "system", "systems:", "System:", "oidc:system:"} {
		tests = append(tests, ruleTest{name: "the user name prefix " + good + " is accepted", set: identity(good)})
	}
	for _, bad := range []string{"system:", "system:serviceaccount:", "system:node:"} {
		tests = append(tests, ruleTest{
			name: "the user name prefix " + bad + " is rejected", set: identity(bad),
			want: "usernamePrefix must not begin with system:, which is reserved for Kubernetes: " + ask,
		})
	}
	for _, bad := range []string{" ", "oidc: ", "oi dc:", "oidc:\n", "oidc\t:", "oidc:\x00", "oidc:\u007f", "oidc\u00a0:", "oidc:\u2028", "oidc:\u2029", "oidc:\u200b", "oidc:\u202e", "\u00adsystem:"} {
		tests = append(tests, ruleTest{
			name: fmt.Sprintf("the user name prefix %+q is rejected", bad), set: identity(bad),
			want: "usernamePrefix must not contain spaces, control characters or invisible characters: " + ask,
		})
	}
	return tests
}

func gateRules() []ruleTest {
	policies := func(given ...map[string]any) fields {
		list := make([]any, 0, len(given))
		for _, policy := range given {
			list = append(list, policy)
		}
		return fields{"spec.gate": map[string]any{"policies": list}}
	}
	named := func(name string) map[string]any { return map[string]any{"name": name, "roles": []any{"DeskStaff"}} }
	many := func(count int) []any {
		names := make([]any, 0, count)
		for i := range count {
			names = append(names, fmt.Sprintf("group-%d", i))
		}
		return names
	}
	full := make([]map[string]any, 0, 33)
	for i := range 33 {
		full = append(full, named(fmt.Sprintf("policy-%d", i)))
	}
	const nameRejected = "name must consist of lowercase letters, digits and hyphens, and begin and end with a letter or digit, because it is part of a URL"
	tests := []ruleTest{
		{name: "a gate without policies is accepted", set: fields{"spec.gate": map[string]any{}}},
		{name: "a policy with all roles is accepted", set: policies(map[string]any{"name": "all", "roles": []any{"SuperAdmin", "DeskAdmin", "Supervisor", "DeskStaff"}})},
		{name: "a policy with 64 groups is accepted", set: policies(map[string]any{"name": "groups", "skillGroups": many(64)})},
		{name: "a policy with 65 groups is rejected", set: policies(map[string]any{"name": "groups", "skillGroups": many(65)}), want: "must have at most 64 items"},
		{name: "a policy with roles and groups is accepted", set: policies(map[string]any{"name": "both", "roles": []any{"DeskStaff"}, "skillGroups": many(1)})},
		{name: "a policy without conditions is rejected", set: policies(map[string]any{"name": "all"}), want: "a policy needs roles or skillGroups, or both: to let in every member whose login is allowed, use the built-in policy any"},
		{name: "a policy with empty lists is rejected", set: policies(map[string]any{"name": "all", "roles": []any{}, "skillGroups": []any{}}), want: "a policy needs roles or skillGroups, or both"},
		{name: "a policy with an unknown role is rejected", set: policies(map[string]any{"name": "cooks", "roles": []any{"Cook"}}), want: "Unsupported value: \"Cook\""},
		{name: "a policy with a role twice is rejected", set: policies(map[string]any{"name": "staff", "roles": []any{"DeskStaff", "DeskStaff"}}), want: "Duplicate value"},
		{name: "a policy with an empty group is rejected", set: policies(map[string]any{"name": "groups", "skillGroups": []any{""}}), want: "should be at least 1 chars long"},
		{name: "a policy without a name is rejected", set: policies(map[string]any{"roles": []any{"DeskStaff"}}), want: "name: Required value"},
		{name: "two policies of one name are rejected", set: policies(named("staff"), named("staff")), want: "Duplicate value"},
		{name: "32 policies are accepted", set: policies(full[:32]...)},
		{name: "33 policies are rejected", set: policies(full...), want: "must have at most 32 items"},
		{name: "a policy name of 63 characters is accepted", set: policies(named(strings.Repeat("a", 63)))},
		{name: "a policy name of 64 characters is rejected", set: policies(named(strings.Repeat("a", 64))), want: "may not be more than 63"},
	}
	for _, name := range []string{"any", "console", "workbench"} {
		tests = append(tests, ruleTest{
			name: "the policy " + name + " is rejected", set: policies(named(name)),
			want: "any, console and workbench are built-in policies and cannot be changed: choose another name",
		})
	}
	for _, name := range []string{"Billing", "-a", "a-", "a.b", "a/b", "a b", "ä"} {
		tests = append(tests, ruleTest{name: "the policy name " + name + " is rejected", set: policies(named(name)), want: nameRejected})
	}
	return tests
}

func addressRules(path string) []ruleTest {
	field := path[strings.LastIndex(path, ".")+1:]
	tests := []ruleTest{{name: field + " of 385 characters is rejected", set: fields{path: strings.Repeat("a", 373) + "@example.com"}, want: "may not be more than 384"}}
	for _, good := range []string{"a@b", "rollcall@example.com", "Acme Support <rollcall@example.com>", "<rollcall@example.com>", `"Acme, Inc." <rollcall@example.com>`, "客服 <rollcall@example.com>"} {
		tests = append(tests, ruleTest{name: field + " " + good + " is accepted", set: fields{path: good}})
	}
	for _, bad := range []string{
		"rollcall", "Acme Support", "rollcall@", "rollcall@example.com, x@example.com", "a@example.com <b@example.com> <c@example.com>",
		"Acme <rollcall>", "Acme\nBcc: x@example.com <rollcall@example.com>", "rollcall@example.com\r\n",
	} {
		tests = append(tests, ruleTest{name: field + " " + bad + " is rejected", set: fields{path: bad}, want: field + " must be one RFC 5322 address, for example"})
	}
	return tests
}

func hostRules() []ruleTest {
	rejected := "host must be a DNS name or an IP address without a port, for example smtp.example.com: set the port in the field port"
	tests := []ruleTest{
		{name: "a host of 253 characters is accepted", set: fields{"spec.mail.smtp.host": strings.Repeat("a", 253)}},
		{name: "a host of 254 characters is rejected", set: fields{"spec.mail.smtp.host": strings.Repeat("a", 254)}, want: "may not be more than 253"},
		{name: "an empty host is rejected", set: fields{"spec.mail.smtp.host": ""}, want: "should be at least 1 chars long"},
	}
	for _, good := range []string{"smtp.example.com", "localhost", "mail", "192.0.2.1", "2001:db8::1", "::1"} {
		tests = append(tests, ruleTest{name: "the host " + good + " is accepted", set: fields{"spec.mail.smtp.host": good}})
	}
	for _, bad := range []string{"smtp.example.com:587", "[::1]", "smtp example", "-smtp", "smtp://mail", "smtp.example.com\n", "a/b"} {
		tests = append(tests, ruleTest{name: "the host " + bad + " is rejected", set: fields{"spec.mail.smtp.host": bad}, want: rejected})
	}
	return tests
}

func referenceRules(path string) []ruleTest {
	name := func(value string) fields { return fields{path: map[string]any{"name": value}} }
	return []ruleTest{
		{name: path + " to an object is accepted", set: name("smtp.auth-1")},
		{name: path + " to a name of 253 characters is accepted", set: name(strings.Repeat("a", 253))},
		{name: path + " to a name of 254 characters is rejected", set: name(strings.Repeat("a", 254)), want: "may not be more than 253"},
		{name: path + " to a name that is not an object name is rejected", set: name("Smtp/auth"), want: "should match"},
		{name: path + " without a name is rejected", set: fields{path: map[string]any{}}, want: path + ".name: Required value"},
	}
}

func clearTextRules() []ruleTest {
	rejected := "authSecretRef with tls: None would send the mail server's password in clear text: set tls to StartTLS or Implicit, or use a loopback host"
	smtp := func(tls, host string) fields {
		return fields{"spec.mail.smtp": map[string]any{"tls": tls, "host": host, "authSecretRef": map[string]any{"name": "smtp-auth"}}}
	}
	tests := []ruleTest{{
		name: "no TLS and no password to any host is accepted",
		set:  fields{"spec.mail.smtp": map[string]any{"tls": "None", "host": "smtp.example.com"}},
	}}
	for _, host := range []string{"localhost", "127.0.0.1", "127.1.2.3", "::1"} {
		tests = append(tests, ruleTest{name: "a password in clear text to " + host + " is accepted", set: smtp("None", host)})
	}
	for _, host := range []string{"smtp.example.com", "192.0.2.1", "localhost.example.com", "127.0.0.1.example.com", "::2", "1127.0.0.1", "127.example.com"} {
		tests = append(tests, ruleTest{name: "a password in clear text to " + host + " is rejected", set: smtp("None", host), want: rejected})
	}
	for _, tls := range []string{"StartTLS", "Implicit"} {
		tests = append(tests, ruleTest{name: "a password over " + tls + " to any host is accepted", set: smtp(tls, "smtp.example.com")})
	}
	return tests
}
