package main

import (
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

const (
	// smallPage replaces query.PageSize in the requests of a session with smallPages.
	smallPage = 25
	// manyRows needs more than two pages of this size, wherever Members are listed.
	manyRows = 2*smallPage + 10
)

// smallPages makes sessions list small pages, so that a few Members fill several. It counts the
// pages after the first ones.
type smallPages struct{ continued atomic.Int32 }

// apply makes a session list small pages.
func (p *smallPages) apply(s *cli.Session) {
	s.ConfigFlags.WrapConfigFn = func(config *rest.Config) *rest.Config {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper { return smallPageTransport{next, p} })
		return config
	}
}

type smallPageTransport struct {
	next  http.RoundTripper
	pages *smallPages
}

// RoundTrip asks for a small page where the request asks for query.PageSize objects.
func (t smallPageTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if values := request.URL.Query(); values.Get("limit") == strconv.Itoa(query.PageSize) {
		request = request.Clone(request.Context())
		values.Set("limit", strconv.Itoa(smallPage))
		request.URL.RawQuery = values.Encode()
		if values.Has("continue") {
			t.pages.continued.Add(1)
		}
	}
	return t.next.RoundTrip(request)
}

// TestALargeSheetBecomesMembers imports a sheet with the operator issuing and mailing passwords,
// and imports it again. importplan plans many more rows, and `make bench-plugin` measures the speed.
func TestALargeSheetBecomesMembers(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.CreateAll(env.SkillGroup("billing"))
	env.await(v1alpha1.SuperAdminMemberName)
	file, pages := env.file("members.csv", sheetOfRows(manyRows)), &smallPages{}
	got := env.pluginWith(t.Context(), pages.apply, "", "import", file, "--wait", "--timeout", "5m")
	if want := fmt.Sprintf("%d added, 0 changed, 0 unchanged, 0 failed\n", manyRows); got.code != cli.ExitDone || got.out != want {
		t.Fatalf("exit code %d: %s%s", got.code, got.out, got.err)
	}
	if messages := len(env.Mail.Messages()); messages != manyRows+1 {
		t.Errorf("%d e-mails for %d people and the Super Admin", messages, manyRows)
	}
	env.Eventually("counts are settled", env.countsSettled(manyRows+1))
	before := env.memberVersions()
	again := env.pluginWith(t.Context(), pages.apply, "", "import", file, "--wait", "--mode", "sync")
	if want := fmt.Sprintf("0 added, 0 changed, %d unchanged, 0 failed\n", manyRows); again.done(t) != want {
		t.Errorf("again: %s", again.out)
	}
	env.sameVersions(before)
	// Waiting for the additions, planning again, and waiting again list the Members.
	if got := pages.continued.Load(); got < 2 {
		t.Errorf("%d pages after the first ones", got)
	}
	if messages := len(env.Mail.Messages()); messages != manyRows+1 {
		t.Errorf("%d e-mails after it was imported again", messages)
	}
}

// countsSettled returns a check that the contact center counts so many members.
func (env *environment) countsSettled(members int32) func() error {
	return func() error {
		center := &v1alpha1.ContactCenter{}
		if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
			return err
		}
		if center.Status.Members == nil || center.Status.Members.Total != members {
			return fmt.Errorf("it counts %+v", center.Status.Members)
		}
		return nil
	}
}
