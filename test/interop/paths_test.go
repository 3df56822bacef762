//go:build interop

package interop

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// disguises are ways to write the path of the console that some proxy or site
// might not take for it.
var disguises = []string{
	"/console", "/console/", "//console", "///console/members", "/./console", "/workbench/../console",
	"/workbench/..//console", "/workbench//../console", "/workbench/./../console/members", "/workbench/x/../../console",
	"/%63onsole", "/c%6Fnsole", "/%2e/console", "/workbench/%2e%2e/console", "/workbench/.%2E/console",
	"/workbench%2f..%2fconsole", "/workbench/..%2fconsole", "/workbench/%2e%2e%2fconsole", "/%2fconsole", "/%2Fconsole",
	"/workbench/..;/console", "/workbench/..;x=1/console", "/;x/console", "/workbench;/../console", "/console;x", "/console%3bx", "/workbench/..%3b/console",
	`/workbench\..\console`, `\console`, "/workbench%5c..%5cconsole", "/%5cconsole", `/workbench/..\console`,
	"/console/../workbench", "/console%2f..%2fworkbench", "/console/%2e%2e/workbench", "/console/..%2fworkbench", "/console//../../workbench",
	"/console?x=/workbench", "/console%3f/workbench", "/console%00", "/console%20", "/console#/workbench",
	"https://desk.example.com/console", "https://desk.example.com//workbench/../console",
}

func TestNoSpellingOfAPathLeadsDeskStaffToTheConsole(t *testing.T) {
	t.Parallel()
	behindEach(t, func(s *proxiedSite) {
		p := s.addMember("putri", v1alpha1.RoleDeskStaff)
		for _, disguise := range disguises {
			for _, headers := range []string{"", "X-Original-URL: /workbench\r\nX-Rewrite-URL: /workbench\r\nX-HTTP-Method-Override: GET\r\n"} {
				before := len(s.site.seen())
				status := s.sendRaw(disguise, headers, p)
				for _, request := range s.site.seen()[before:] {
					if leadsToConsole(request.uri) {
						s.Errorf("%q got %d and reached the site as %q", disguise, status, request.uri)
					}
				}
			}
		}
		if got := s.get("/workbench/caf%C3%A9/a%20b?q=%2F..%2F", p.email, p.password); got.status != http.StatusOK {
			s.Errorf("an ordinary path with encoded characters got %d", got.status)
		}
	})
}

// sendRaw asks for a path exactly as it is written, and returns the status.
func (s *proxiedSite) sendRaw(target, headers string, p *member) int {
	s.Helper()
	connection, err := s.connect()
	if err != nil {
		s.Fatal(err)
	}
	defer connection.Close()
	basic := base64.StdEncoding.EncodeToString([]byte(p.email + ":" + p.password))
	if _, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\nConnection: close\r\n%s\r\n",
		target, deskHost, basic, headers); err != nil {
		s.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		s.Fatalf("%q: %v", target, err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// leadsToConsole reports whether any plausible site would take an address
// for the console's: before or after it decodes and cleans it, with or without
// path parameters, with «\» for «/» and without regard to case.
func leadsToConsole(uri string) bool {
	uri, _, _ = strings.Cut(uri, "?")
	decoded, err := url.PathUnescape(uri)
	if err != nil {
		decoded = uri
	}
	for _, read := range []string{uri, decoded} {
		for _, slashes := range []string{read, strings.ReplaceAll(read, `\`, "/")} {
			for _, parameters := range []string{slashes, withoutParameters(slashes)} {
				for _, cleaned := range []string{parameters, path.Clean(parameters)} {
					if strings.HasPrefix(strings.ToLower(cleaned), "/console") || strings.HasPrefix(strings.ToLower(cleaned), "//console") {
						return true
					}
				}
			}
		}
	}
	return false
}

// withoutParameters is a path as servlet containers see it.
func withoutParameters(read string) string {
	segments := strings.Split(read, "/")
	for i, segment := range segments {
		segments[i], _, _ = strings.Cut(segment, ";")
	}
	return strings.Join(segments, "/")
}
