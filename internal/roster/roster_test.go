package roster

import "testing"

func TestTheMemberNameIsAStableDNSLabel(t *testing.T) {
	t.Parallel()
	long := "a123456789b123456789c123456789d123456789e123456789f123456789-2-xyz"
	cases := []struct {
		person Person
		want   string
	}{
		{Person{AgentID: "1024", Email: "ana@example.com"}, "1024"},
		{Person{AgentID: "A_17-x", Email: "ana@example.com"}, "a-17-x"},
		{Person{AgentID: "A__17", Email: "ana@example.com"}, "a--17"},
		{Person{AgentID: "_A_", Email: "ana@example.com"}, "a"},
		{Person{AgentID: "--", Email: "ana@example.com"}, "ana"},
		{Person{Email: "Ana.Maria+Test@example.com"}, "ana-maria-test"},
		{Person{Email: "_ana..maria_@example.com"}, "ana-maria"},
		{Person{Email: long + "@example.com"}, "a123456789b123456789c123456789d123456789e123456789f123456789-2"},
		{Person{Email: "+@example.com"}, ""},
		{Person{Email: "ana"}, "ana"},
		{Person{}, ""},
		{Person{Role: SuperAdmin, AgentID: "1", Email: "ana@example.com"}, "super-admin"},
	}
	for _, c := range cases {
		if got := c.person.MemberName(); got != c.want {
			t.Errorf("%+v: %q, not %q", c.person, got, c.want)
		}
	}
}

func TestAFaultIsFormattedAsFileRowColumnMessage(t *testing.T) {
	t.Parallel()
	cases := []struct {
		fault Fault
		want  string
	}{
		{Fault{File: "a.csv", Row: 3, Column: "邮箱", Message: "wrong"}, "a.csv:3:邮箱: wrong"},
		{Fault{File: "a.csv", Row: 3, Column: "Role", Message: "left out", Warning: true}, "a.csv:3:Role: warning: left out"},
		{Fault{File: "a.csv", Row: 3, Message: "wrong"}, "a.csv:3: wrong"},
		{Fault{File: "a.csv", Message: "and 3 more"}, "a.csv: and 3 more"},
	}
	for _, c := range cases {
		if got := c.fault.String(); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}
