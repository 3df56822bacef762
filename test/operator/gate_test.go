package operator

import (
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// newDoor is a world with an operator, a contact centre, ana (DeskStaff, in the
// group billing), and a gate.
func newDoor(t *testing.T) *door {
	t.Helper()
	w := newWorld(t)
	w.sessionKeySecret = w.sessionKeys()
	w.stopOperator = w.operate()
	center := w.center()
	center.Spec.Gate = &v1alpha1.Gate{Policies: []v1alpha1.GatePolicy{
		{Name: "billing", SkillGroups: []string{"billing"}},
		{Name: "billing-supervisors", Roles: []v1alpha1.Role{v1alpha1.RoleSupervisor}, SkillGroups: []string{"billing"}},
	}}
	ana := w.member("ana")
	ana.Spec.AgentID = "A-7"
	ana.Labels = map[string]string{"team": "billing"}
	w.create(center, ana, &v1alpha1.SkillGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "billing"},
		Spec:       v1alpha1.SkillGroupSpec{DisplayName: "Billing", Selector: &metav1.LabelSelector{MatchLabels: ana.Labels}},
	})
	w.await("ana", ready)
	return w.openGate()
}

func TestTheGateLetsInWhoMayLogIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	v := d.visitor()
	password := d.password("ana")
	d.eventuallyAsked("ana is let in", http.StatusOK, "", func() answer { return v.askAs("ana@example.com", password) })
	d.eventuallyAsked("she is in her group", http.StatusOK, "", func() answer {
		return v.ask("billing", func(r *http.Request) { r.SetBasicAuth("ANA@example.com", password) })
	})
	given := v.askAs("ana@example.com", password)
	for header, want := range map[string]string{
		"X-Auth-Request-User": "ana", "X-Auth-Request-Email": "ana@example.com",
		"X-Auth-Request-Preferred-Username": "A-7", "X-Auth-Request-Groups": "billing,role:DeskStaff",
	} {
		if got := given.header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	for policy, want := range map[string]int{
		"any": 200, "workbench": 200, "workbench/deep/path": 200, "billing": 200,
		"console": 403, "billing-supervisors": 403, "nothing": 404,
	} {
		answer := v.ask(policy, func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) })
		d.want(policy, answer, want, map[int]string{403: "PolicyNotMet"}[want])
	}
	d.want("a wrong password", v.askAs("ana@example.com", "wrong"), http.StatusUnauthorized, "")
	d.want("nobody", v.askAs("nobody@example.com", password), http.StatusUnauthorized, "")
	d.want("no password", v.ask("any", nil), http.StatusUnauthorized, "")
	change(d.world, d.member("ana"), func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor })
	d.eventuallyAsked("another role opens another door", http.StatusOK, "", func() answer {
		return v.ask("billing-supervisors", func(r *http.Request) { r.SetBasicAuth("ana@example.com", password) })
	})
	if log := d.audit.String(); strings.Contains(log, password) || !strings.Contains(log, `"member":"ana"`) {
		t.Errorf("the audit log has the password, or does not have ana (%d bytes)", len(log))
	}
	if strings.Contains(d.log.String(), password) {
		t.Error("the password is in a log")
	}
}

func TestTheGateFollowsAMembersLife(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	v := d.visitor()
	first := d.password("ana")
	asAna := func() answer { return v.askAs("ana@example.com", first) }
	edit := func(mutate func(*v1alpha1.Member)) { change(d.world, d.member("ana"), mutate) }
	d.eventuallyAsked("ana is let in", http.StatusOK, "", asAna)

	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	d.eventuallyAsked("forced offline", http.StatusForbidden, "ForcedOffline", asAna)
	d.want("with a wrong password nothing is told", v.askAs("ana@example.com", "wrong"), http.StatusUnauthorized, "")
	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	d.eventuallyAsked("restored", http.StatusOK, "", asAna)

	edit(func(m *v1alpha1.Member) { m.Spec.Active = new(false) })
	d.eventuallyAsked("inactive", http.StatusForbidden, "Inactive", asAna)
	edit(func(m *v1alpha1.Member) { m.Spec.Active = nil })
	d.eventuallyAsked("active", http.StatusOK, "", asAna)

	edit(func(m *v1alpha1.Member) { m.Spec.PasswordReset = "1" })
	d.await("ana", ready, issue(2))
	d.eventuallyAsked("the old password is none", http.StatusUnauthorized, "", asAna)
	second := d.password("ana")
	d.eventuallyAsked("the new one is", http.StatusOK, "", func() answer { return v.askAs("ana@example.com", second) })

	change(d.exempt(), d.member("ana"), func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} })
	if err := d.Delete(t.Context(), d.member("ana")); err != nil {
		t.Fatal(err)
	}
	d.eventuallyAsked("being deleted", http.StatusForbidden, "Deleting", func() answer { return v.askAs("ana@example.com", second) })
	change(d.exempt(), d.member("ana"), func(m *v1alpha1.Member) { m.Finalizers = nil })
	d.eventuallyAsked("deleted", http.StatusUnauthorized, "", func() answer { return v.askAs("ana@example.com", second) })
}

func TestTheGateDeniesByTheSpecWithoutTheOperator(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	v := d.visitor()
	password := d.password("ana")
	asAna := func() answer { return v.askAs("ana@example.com", password) }
	d.eventuallyAsked("ana is let in", http.StatusOK, "", asAna)
	d.stopOperator()

	change(d.world, d.member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	d.eventuallyAsked("forced offline", http.StatusForbidden, "ForcedOffline", asAna)
	until := metav1.NewTime(time.Now().Add(2 * time.Minute)) //nolint:forbidigo // by the gate's clock, which is the real one
	change(d.world, d.member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOffline, m.Spec.ForceOfflineUntil = false, &until })
	d.eventuallyAsked("forced offline for a time", http.StatusForbidden, "ForcedOffline", asAna)
	d.shift.Store(int64(2 * time.Minute))
	d.eventuallyAsked("until then", http.StatusOK, "", asAna)
	d.shift.Store(0)
	d.want("and not before", asAna(), http.StatusForbidden, "ForcedOffline")
	change(d.world, d.member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = nil })
	d.eventuallyAsked("restored", http.StatusOK, "", asAna)

	secret := d.secret("ana")
	secret.Data[corev1.BasicAuthPasswordKey] = []byte("chosen by hand")
	if err := d.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	d.eventuallyAsked("the password in the Secret was edited by hand", http.StatusUnauthorized, "", asAna)
	d.want("the edited one is none either", v.askAs("ana@example.com", "chosen by hand"), http.StatusUnauthorized, "")
	d.create(d.member("bo"))
	d.want("a Member that nobody has looked at", v.askAs("bo@example.com", ""), http.StatusUnauthorized, "")
}

func TestEverySessionEndsWithItsReason(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	other := d.openGate()
	logIn := func() *visitor {
		v := d.visitor()
		password := d.password("ana")
		d.eventuallyAsked("ana logs in", http.StatusSeeOther, "", func() answer { return v.logIn(password) })
		d.want("her session", v.ask("any", nil), http.StatusOK, "")
		d.eventuallyAsked("it is one at another gate", http.StatusOK, "", func() answer { return v.at(other).ask("any", nil) })
		return v
	}
	edit := func(mutate func(*v1alpha1.Member)) { change(d.world, d.member("ana"), mutate) }
	for _, test := range []struct {
		name, reason string
		end, undo    func(*v1alpha1.Member)
	}{
		{"force offline", "ForcedOffline", func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false }},
		{"deactivation", "Inactive", func(m *v1alpha1.Member) { m.Spec.Active = new(false) }, func(m *v1alpha1.Member) { m.Spec.Active = nil }},
	} {
		v := logIn()
		edit(test.end)
		for where, gate := range map[string]*door{"here": d, "there": other} {
			d.eventuallyAsked(test.name+" ends it "+where, http.StatusForbidden, test.reason, func() answer { return v.at(gate).ask("any", nil) })
		}
		edit(test.undo)
		d.await("ana", login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
		for where, gate := range map[string]*door{"here": d, "there": other} {
			d.eventuallyAsked(test.name+" has ended it for good "+where, http.StatusUnauthorized, "SessionEnded", func() answer { return v.at(gate).ask("any", nil) })
		}
	}
	v := logIn()
	d.stopOperator()
	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	for where, gate := range map[string]*door{"here": d, "there": other} {
		d.eventuallyAsked("force offline ends it without the operator "+where, http.StatusForbidden, "ForcedOffline", func() answer { return v.at(gate).ask("any", nil) })
	}
	edit(func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	for where, gate := range map[string]*door{"here": d, "there": other} {
		d.eventuallyAsked("and for good "+where, http.StatusUnauthorized, "SessionEnded", func() answer { return v.at(gate).ask("any", nil) })
	}
	d.stopOperator = d.operate()
	v = logIn()
	edit(func(m *v1alpha1.Member) { m.Spec.PasswordReset = "1" })
	d.eventuallyAsked("a reset ends it", http.StatusUnauthorized, "SessionEnded", func() answer { return v.ask("any", nil) })
	d.await("ana", ready, issue(2))
	v = logIn()
	if err := d.Delete(t.Context(), d.get("ana")); err != nil {
		t.Fatal(err)
	}
	d.eventuallyAsked("deletion ends it", http.StatusUnauthorized, "SessionEnded", func() answer { return v.ask("any", nil) })
}
