package operator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// auditEvent is what the API server wrote about a request, as far as it answers
// requester, member, action, and result.
type auditEvent struct {
	Received string `json:"requestReceivedTimestamp"`
	Verb     string `json:"verb"`
	User     struct {
		Username string `json:"username"`
	} `json:"user"`
	Impersonated *struct {
		Username string `json:"username"`
	} `json:"impersonatedUser"`
	Object struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
		Resource  string `json:"resource"`
	} `json:"objectRef"`
	Response struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	Annotations map[string]string `json:"annotations"`
}

// recorded is the part of an auditEvent that our policy is there for.
type recorded struct{ requester, member, change string }

func (e auditEvent) recorded() recorded {
	return recorded{e.Annotations["rollcall-audit/requester"], e.Annotations["rollcall-audit/member"], e.Annotations["rollcall-audit/change"]}
}

// auditEvents are the events about the environment's Members, oldest first, from the
// first one that is about a Member of that name, and the lines that they were
// read from.
func (env *environment) auditEvents(since string) (events []auditEvent, lines string) {
	env.Helper()
	text, err := os.ReadFile(env.Cluster.AuditLog)
	if err != nil {
		env.Fatal(err)
	}
	var own strings.Builder
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, len(text)+1)
	for scanner.Scan() {
		if !strings.Contains(scanner.Text(), env.Namespace) {
			continue
		}
		var event auditEvent
		if err := json.Unmarshal(scanner.Bytes(), &event); err != nil {
			continue // the API server is about to write the rest of the line
		}
		if event.Object.Namespace == env.Namespace && event.Object.Resource == "members" {
			events = append(events, event)
			own.WriteString(scanner.Text() + "\n")
		}
	}
	slices.SortFunc(events, func(a, b auditEvent) int { return strings.Compare(a.Received, b.Received) })
	first := slices.IndexFunc(events, func(e auditEvent) bool { return e.Object.Name == since })
	if first < 0 {
		return nil, ""
	}
	return events[first:], own.String()
}

func TestTheAuditLogNamesRequesterMemberAndChangeButNoPasswordOrFreeText(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	her := clientFor(t, withToken(t, "ana@example.com"))
	const private = "a private reason"
	wei := env.Member("wei")
	wei.Spec.Name, wei.Spec.Phone = "Private Name", "+14155550123"
	save := func(options ...client.UpdateOption) error { return her.Update(t.Context(), wei, options...) }
	reread := func() { wei = env.GetMember("wei") }
	steps := []struct {
		do      func() error
		refused bool
		verb    string
		want    recorded
	}{
		{func() error { return her.Create(t.Context(), wei) }, false, "create", recorded{"oidc:ana@example.com", "wei", "added as DeskStaff"}},
		{func() error {
			wei.Spec.ForceOffline, wei.Spec.ForceOfflineReason = true, private
			return save(client.DryRunAll)
		}, false, "update", recorded{"oidc:ana@example.com", "wei", "dry run: forceOffline false -> true; forceOfflineReason"}},
		{func() error {
			reread()
			wei.Spec.ForceOffline, wei.Spec.ForceOfflineReason = true, private
			return save()
		}, false, "update", recorded{"oidc:ana@example.com", "wei", "forceOffline false -> true; forceOfflineReason"}},
		{func() error { wei.Spec.ForceOffline, wei.Spec.ForceOfflineUntil = false, &tomorrow; return save() }, false, "update", recorded{"oidc:ana@example.com", "wei", "forceOffline true -> false; forceOfflineUntil none -> " + tomorrow.UTC().Format("2006-01-02T15:04:05Z")}},
		{func() error { wei.Spec.PasswordReset = "private ticket"; wei.Spec.Active = new(false); return save() }, false, "update", recorded{"oidc:ana@example.com", "wei", "active true -> false; passwordReset"}},
		{func() error {
			wei.Spec.Role, wei.Spec.Nickname = v1alpha1.RoleSupervisor, "Private Nick"
			return save()
		}, false, "update", recorded{"oidc:ana@example.com", "wei", "role DeskStaff -> Supervisor; nickname"}},
		{func() error { wei.Labels = map[string]string{"a": "b"}; return save() }, false, "update", recorded{"oidc:ana@example.com", "wei", "nothing in the spec"}},
		{func() error {
			herself := env.GetMember("ana")
			herself.Spec.PasswordReset = "private ticket"
			return her.Update(t.Context(), herself)
		}, true, "update", recorded{"oidc:ana@example.com", "ana", "passwordReset"}},
		{func() error {
			superAdmin := env.GetMember(v1alpha1.SuperAdminMemberName)
			superAdmin.Spec.ForceOffline = true
			acting := clientFor(t, impersonating(t, "oidc:eve@example.com"))
			return acting.Update(t.Context(), superAdmin)
		}, true, "update", recorded{"oidc:eve@example.com", "super-admin", "forceOffline false -> true"}},
		{func() error {
			wei = env.GetMember("wei")
			wei.Status.Login = v1alpha1.LoginDenied
			return clientFor(t, impersonating(t, "oidc:eve@example.com")).Status().Update(t.Context(), wei)
		}, false, "update", recorded{"oidc:eve@example.com", "wei", "status: login none -> Denied"}},
		// RBAC refuses before any policy is asked: the API server's own fields say who.
		{func() error {
			return her.DeleteAllOf(t.Context(), &v1alpha1.Member{}, client.InNamespace(env.Namespace))
		}, true, "deletecollection", recorded{}},
		{func() error { return her.Delete(t.Context(), wei) }, false, "delete", recorded{"oidc:ana@example.com", "wei", "deleted"}},
	}
	for _, step := range steps {
		if err := step.do(); (err != nil) != step.refused {
			t.Fatalf("%s: %v", step.want.change, err)
		}
	}
	events := env.awaitAudit("wei", len(steps))
	for i, step := range steps {
		event := events[i]
		if step.want.member != "" {
			step.want.member = env.Namespace + "/" + step.want.member
		}
		if event.recorded() != step.want || event.Verb != step.verb || (event.Response.Code == 403) != step.refused {
			t.Errorf("the audit log has %s, %d, %+v; want %s, %+v", event.Verb, event.Response.Code, event.recorded(), step.verb, step.want)
		}
	}
	if impersonated := events[8]; impersonated.Impersonated == nil || impersonated.Impersonated.Username != "oidc:eve@example.com" || impersonated.User.Username == "oidc:eve@example.com" {
		t.Errorf("who acted as Eve is %+v", impersonated)
	}
	_, lines := env.auditEvents("wei")
	for what, text := range map[string]string{"private text": "rivate", "a phone number": "14155550123", "the password": env.Password("ana")} {
		if strings.Contains(lines, text) {
			t.Errorf("%s is in the audit log", what)
		}
	}
}

// awaitAudit waits until there are so many events since the first about a Member.
func (env *environment) awaitAudit(since string, count int) (events []auditEvent) {
	env.Helper()
	env.Eventually("the audit log", func() error {
		if events, _ = env.auditEvents(since); len(events) < count {
			return fmt.Errorf("there are %d events", len(events))
		}
		return nil
	})
	return events
}

func TestOfADeleteCollectionTheAuditLogNamesOnlyTheFirstMember(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	env.CreateAll(env.Member("wei"), env.Member("putri"))
	if err := env.DeleteAllOf(t.Context(), &v1alpha1.Member{}, client.InNamespace(env.Namespace), client.MatchingFields{"spec.role": "DeskStaff"}); err != nil {
		t.Fatal(err)
	}
	if left := env.Members(); len(left) != 2 {
		t.Errorf("there are %d members", len(left))
	}
	events := env.awaitAudit("putri", 2)[1:]
	// An annotation is written once for a request, and this is one request.
	want := recorded{"admin", env.Namespace + "/putri", "deleted"}
	if len(events) != 1 || events[0].Verb != "deletecollection" || events[0].Object.Name != "" || events[0].recorded() != want {
		t.Errorf("the audit log has %+v", events)
	}
}
