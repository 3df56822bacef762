package main

import (
	"testing"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestForceOfflineReplacesTimeAndReasonOfAnEarlierOne(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.people("ana", "ben")
	var seen transcript
	run := func(arguments ...string) {
		seen.note(env.plugin(arguments...), arguments...)
	}

	run("force-offline", "ana", "--reason", "laptop lost", "--wait")
	spec := env.GetMember("ana").Spec
	if !spec.ForceOffline || spec.ForceOfflineUntil != nil || spec.ForceOfflineReason != "laptop lost" {
		t.Errorf("after force-offline: %+v", spec)
	}
	if status := env.GetMember("ana").Status; status.Login != v1alpha1.LoginDenied {
		t.Errorf("after --wait login is %s", status.Login)
	}
	run("force-offline", "ana", "--reason", "laptop lost")
	run("force-offline", "ana", "ben", "--until", "2099-01-01T08:00:00+01:00", "--wait")
	for _, name := range []string{"ana", "ben"} {
		member := env.GetMember(name)
		if spec := member.Spec; spec.ForceOffline || spec.ForceOfflineUntil.UTC().Format(time.RFC3339) != "2099-01-01T07:00:00Z" || spec.ForceOfflineReason != "" {
			t.Errorf("%s after force-offline --until: %+v", name, spec)
		}
		if member.Status.Login != v1alpha1.LoginDenied {
			t.Errorf("%s after --wait: login is %s", name, member.Status.Login)
		}
	}
	run("force-offline", "ana")
	if spec := env.GetMember("ana").Spec; !spec.ForceOffline || spec.ForceOfflineUntil != nil {
		t.Errorf("after force-offline without a time: %+v", spec)
	}
	run("restore-online", "ana", "ben", "--wait")
	for _, name := range []string{"ana", "ben"} {
		member := env.GetMember(name)
		if spec := member.Spec; spec.ForceOffline || spec.ForceOfflineUntil != nil || spec.ForceOfflineReason != "" || member.Status.Login != v1alpha1.LoginAllowed {
			t.Errorf("%s after restore-online: %+v, login %s", name, spec, member.Status.Login)
		}
	}
	run("restore-online", "ana")
	run("edit", "ben", "--active=false", "--wait")
	run("force-offline", "ben", "--for", "8h")
	run("restore-online", "ben", "--wait")
	goldentest.Compare(t, "force_offline", seen.String())
}
