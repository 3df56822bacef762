package controllers_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestAMemberGetsASecretALetterAndALogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	w.create(w.center(), w.member("ana"))
	member := w.await("ana", ready, issue(1))
	w.mailed("ana", 1)
	if metav1.IsControlledBy(w.secret("ana"), member) != true {
		t.Error("the Secret is not the Member's")
	}
	w.await(v1alpha1.SuperAdminMemberName, ready)
}
