package operator

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestTheIdentityOfAUserIgnoresTheCaseOfTheAddress(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.Member("ana"), env.Member("wei"))
	for username, self := range map[string]bool{
		"oidc:ana@example.com":  true,
		"oidc:Ana@Example.com":  true,
		"OIDC:ANA@EXAMPLE.COM":  true,
		"ana@example.com":       false, // without the prefix it is somebody else
		"oidc:ana@example.co":   false,
		"oidc:bana@example.com": false,
		"oidc:ana":              false,
	} {
		env.CreateAll(env.editor(username))
		config := withCertificate(t, username)
		if email, ok := strings.CutPrefix(username, "oidc:"); ok {
			config = withToken(t, email)
		}
		her := clientFor(t, config)
		objections := func(guard refusal) []refusal {
			if !self {
				return nil
			}
			return []refusal{guard}
		}
		env.Eventually(username+" has permissions", func() error { return her.Get(t.Context(), key(env, "wei"), &v1alpha1.Member{}) })
		env.Eventually("the guard knows the ContactCenter", func() error {
			return checkAnswer(her.Delete(t.Context(), env.GetMember("ana"), client.DryRunAll), objections(notOwnDeletion))
		})
		reset := func(name string) error {
			member := env.GetMember(name)
			member.Spec.PasswordReset = username
			return her.Update(t.Context(), member, client.DryRunAll)
		}
		second := env.withRole("second", v1alpha1.RoleDeskAdmin)
		second.Spec.Email = "ana@EXAMPLE.com"
		for what, err := range map[string]error{
			"reset":           checkAnswer(reset("ana"), objections(notOwnPassword)),
			"reset another":   checkAnswer(reset("wei"), nil),
			"delete":          checkAnswer(her.Delete(t.Context(), env.GetMember("ana"), client.DryRunAll), objections(notOwnDeletion)),
			"add a second":    checkAnswer(her.Create(t.Context(), second, client.DryRunAll), objections(notOwnMember)),
			"write a comment": checkAnswer(her.Patch(t.Context(), env.GetMember("ana"), client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"a":"b"}}}`)), client.DryRunAll), nil),
		} {
			if err != nil {
				t.Errorf("%s: %s: %v", username, what, err)
			}
		}
	}
}

func key(env *environment, name string) client.ObjectKey {
	return client.ObjectKey{Namespace: env.Namespace, Name: name}
}

func TestWithoutAnIdentityNoMemberIsTheRequestersOwn(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenter(), env.Member("ana"), env.editor("oidc:ana@example.com"))
	her := clientFor(t, withCertificate(t, "oidc:ana@example.com"))
	env.Eventually("she may", func() error { return her.Get(t.Context(), key(env, "ana"), &v1alpha1.Member{}) })
	if err := her.Delete(t.Context(), env.GetMember("ana"), client.DryRunAll); err != nil {
		t.Error(err)
	}
}

func TestWithoutAContactCenterTheSuperAdminAndTheRoleAreGuardedAllTheSame(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	center := env.ContactCenterWithIdentity()
	env.delete(center, client.PropagationPolicy(metav1.DeletePropagationOrphan))
	env.awaitGone(center)
	superAdmin := env.GetMember(v1alpha1.SuperAdminMemberName)
	if len(superAdmin.OwnerReferences) != 0 {
		t.Errorf("the garbage collector left it the owner %+v", superAdmin.OwnerReferences)
	}
	superAdmin.Spec.Nickname = "Sam"
	ana := env.GetMember("ana")
	ana.Finalizers = []string{"example.com/hold"}
	for what, err := range map[string]error{
		"edit super-admin":   checkAnswer(env.Update(t.Context(), superAdmin), []refusal{superAdminIsTheOperators}),
		"delete super-admin": checkAnswer(env.Delete(t.Context(), superAdmin), []refusal{superAdminIsTheOperators}),
		"hold ana":           checkAnswer(env.Update(t.Context(), ana), []refusal{finalizersAreKept}),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestTakingAFieldAwayIsAChangeLikeAnyOther(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	ana := clientFor(t, withCertificate(t, "oidc:ana@example.com"))
	offline := func(m *v1alpha1.Member) {
		m.Spec.ForceOffline, m.Spec.ForceOfflineUntil, m.Spec.ForceOfflineReason = true, &tomorrow, "on leave"
		m.Spec.Active, m.Spec.PasswordReset = new(false), "yesterday"
	}
	wei := env.withRole("wei", v1alpha1.RoleDeskAdmin)
	env.CreateAll(wei)
	for _, member := range []*v1alpha1.Member{env.GetMember("ana"), wei} {
		change(env, member, offline)
	}
	for field, guard := range map[string]refusal{
		"role": notOwnRole, "active": notOwnActivity, "passwordReset": notOwnPassword,
		"forceOffline": notOwnCutOff, "forceOfflineUntil": notOwnCutOff, "forceOfflineReason": notOwnCutOff,
	} {
		removal := fmt.Sprintf(`{"spec":{%q:null}}`, field)
		for name, objections := range map[string][]refusal{"ana": {guard}, "wei": nil} {
			if err := checkAnswer(env.patch(ana, name, types.MergePatchType, removal, []string{metav1.DryRunAll}), objections); err != nil {
				t.Errorf("%s of %s: %v", field, name, err)
			}
		}
	}
}

func TestADepartedMemberDeletedByOrphaningKeepsNoPermissions(t *testing.T) {
	t.Parallel()
	for name, down := range map[string]bool{"with the operator running": false, "with the operator down at the time": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newAdministeredEnvironment(t)
			ana := env.GetMember("ana")
			if !down {
				env.operate()
			}
			env.delete(ana, client.PropagationPolicy(metav1.DeletePropagationOrphan))
			env.awaitGone(ana)
			if down {
				env.operate()
			}
			env.Eventually("the RoleBinding is gone", func() error {
				if env.binding("ana") != nil {
					return errors.New("it is there")
				}
				return nil
			})
		})
	}
}

func TestAnAddressThatTheIssuerHasNotVerifiedIsRefusedAsDocumented(t *testing.T) {
	t.Parallel()
	shared.Cluster(t)
	withToken(t, "ana@example.com") // from now on it takes tokens
	for name, claims := range map[string]map[string]any{
		"says nothing of it":   {"email": "ana@example.com"},
		"says that it has not": {"email": "ana@example.com", "email_verified": false},
		"says it by a word":    {"email": "ana@example.com", "email_verified": "true"},
		"knows no address":     {"email_verified": true},
	} {
		err := clientFor(t, shared.Cluster(t).ClaimsConfig(t, claims)).Create(t.Context(), &authenticationv1.SelfSubjectReview{})
		if !apierrors.IsUnauthorized(err) {
			t.Errorf("the issuer %s: %v", name, err)
		}
	}
}
