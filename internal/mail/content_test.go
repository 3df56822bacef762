package mail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// examplePassword has characters that escaping and encoding could damage.
const examplePassword = `k<T&9"=3D'+zQ{{.}}%s`

func exampleContent(locale string) Content {
	return Content{
		ContactCenter: "Acme Support",
		LoginURL:      "https://desk.example.com/login?center=acme&next=%2F",
		Name:          "Ana Ruiz-Müller",
		Nickname:      "Ana",
		Email:         "ana+desk@example.com",
		Username:      "ana+desk@example.com",
		Password:      examplePassword,
		Locale:        locale,
	}
}

func TestContentNeverShowsThePassword(t *testing.T) {
	t.Parallel()
	content := exampleContent("en")
	content.Password = "s3cr3tPassw0rd"
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&shown, verb+"\n", content)
		fmt.Fprintf(&shown, verb+"\n", &content)
		fmt.Fprintf(&shown, verb+"\n", []Content{content})
		fmt.Fprintf(&shown, verb+"\n", struct{ C Content }{content})
	}
	encoded, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(encoded)
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("e-mail", "content", content)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("e-mail", "content", content)
	shown.Write(logged.Bytes())
	fmt.Fprint(&shown, content.MarshalLog())

	if strings.Contains(shown.String(), content.Password) || strings.Contains(shown.String(), fmt.Sprintf("%x", content.Password)) {
		t.Error("the password is shown")
	}
	if !strings.Contains(shown.String(), content.Email) {
		t.Error("the e-mail address is not shown")
	}
}

func TestOneLineRemovesBreaksAndControls(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"plain text stays":                {"Ana Ruiz", "Ana Ruiz"},
		"line breaks become spaces":       {"Ana\r\nBcc: x@example.com", "Ana Bcc: x@example.com"},
		"runs become one space, trimmed":  {" \tAna \u2028\u2029\x00\x7f\u0085 Ruiz\n", "Ana Ruiz"},
		"direction overrides are dropped": {"A\u202Ena\u2066 \u200FRuiz\uFEFF", "Ana Ruiz"},
		"emoji and joiners stay":          {"👩\u200d💻 Ana", "👩\u200d💻 Ana"},
		"right-to-left scripts stay":      {"علی\u200cرضا", "علی\u200cرضا"},
		"bytes that are not UTF-8":        {"A\xffna", "A\uFFFDna"},
		"nothing visible":                 {"\r\n\u202e ", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := oneLine(test.in); got != test.want {
				t.Errorf("oneLine(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestCleanFillsInMissingValues(t *testing.T) {
	t.Parallel()
	content := Content{Name: "\n", Email: "ana@example.com", Password: " p\n", Username: " u", LoginURL: "x\ty", Locale: "de"}.clean()
	want := Content{
		Name: "ana@example.com", Nickname: "ana@example.com", Email: "ana@example.com",
		Password: " p\n", Username: " u", LoginURL: "x\ty", Locale: "en",
	}
	if content != want {
		t.Errorf("clean gave %#v, want %#v", content, want)
	}
}
