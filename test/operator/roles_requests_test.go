package operator

import (
	"encoding/json"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// newAdministeredEnvironment is a contact center with a Super Admin and the Desk Admin Ana, who have
// their permissions, and without an operator.
func newAdministeredEnvironment(t *testing.T) *environment {
	t.Helper()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.withRole("ana", v1alpha1.RoleDeskAdmin))
	stop := env.operate()
	env.awaitGranted(v1alpha1.SuperAdminMemberName, "ana")
	stop()
	return env
}

func TestThePoliciesAnswerEveryKindOfRequestTheSame(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	cutOff := func(m *v1alpha1.Member) *v1alpha1.Member { m.Spec.ForceOffline = true; return m }
	colleagues := 0
	for identity, authenticate := range identities {
		ana := clientFor(t, authenticate(t, deskAdmin))
		for _, by := range []method{byPut, byMergePatch, byJSONPatch, byApply} {
			colleagues++
			wei := fmt.Sprintf("wei-%d", colleagues)
			env.CreateAll(env.withRole(wei, v1alpha1.RoleDeskAdmin))
			for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
				for name, objections := range map[string][]refusal{
					"ana": {notOwnCutOff}, v1alpha1.SuperAdminMemberName: {superAdminIsTheOperators}, wei: nil,
				} {
					err := by.send(env, ana, env.GetMember(name), cutOff(env.GetMember(name)), "", dryRun)
					if err := checkAnswer(err, objections); err != nil {
						t.Errorf("%s %s, %s (dry run %v): %v", name, identity, by.name, dryRun, err)
					}
					if offline := env.GetMember(name).Spec.ForceOffline; offline != (name == wei && dryRun == nil) {
						t.Errorf("%s %s, %s (dry run %v): forceOffline is %v", name, identity, by.name, dryRun, offline)
					}
				}
			}
		}
	}
}

func TestServerSideApplyMakesNoSuperAdminAndNoSecondSelf(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	ana := clientFor(t, withToken(t, "ana@example.com"))
	for name, test := range map[string]struct {
		member     *v1alpha1.Member
		objections []refusal
	}{
		"another Super Admin": {env.withRole("boss", v1alpha1.RoleSuperAdmin), []refusal{theRoleHasOneName}},
		"a second self": {&v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Name: "second"}, Spec: v1alpha1.MemberSpec{Email: "ANA@Example.com", Role: v1alpha1.RoleDeskAdmin},
		}, []refusal{notOwnMember}},
		"a colleague": {env.withRole("li", v1alpha1.RoleDeskAdmin), nil},
	} {
		patch, err := json.Marshal(map[string]any{
			"apiVersion": "rollcall.dev/v1alpha1", "kind": "Member",
			"metadata": map[string]any{"name": test.member.Name}, "spec": map[string]any{"email": test.member.Spec.Email, "role": test.member.Spec.Role},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := checkAnswer(env.patch(ana, test.member.Name, types.ApplyPatchType, string(patch), nil), test.objections); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if found := env.find(test.member.Name); (found != nil) != (test.objections == nil) {
			t.Errorf("%s: there is %+v", name, found)
		}
	}
}

func TestTheStatusOfTheSuperAdminIsGuardedFromClusterAdministratorsToo(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	for name, objections := range map[string][]refusal{v1alpha1.SuperAdminMemberName: {superAdminIsTheOperators}, "ana": nil} {
		for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
			member := env.GetMember(name)
			member.Status.Login = v1alpha1.LoginDenied
			// A status request changes no role and no reset; the guards need not see one.
			member.Spec.PasswordReset, member.Spec.Role = "today", v1alpha1.RoleSupervisor
			err := env.Status().Update(t.Context(), member, &client.SubResourceUpdateOptions{UpdateOptions: client.UpdateOptions{DryRun: dryRun}})
			if err := checkAnswer(err, objections); err != nil {
				t.Errorf("%s (dry run %v): %v", name, dryRun, err)
			}
			now := env.GetMember(name)
			if now.Spec.PasswordReset != "" || now.Spec.Role == v1alpha1.RoleSupervisor {
				t.Errorf("writing the status of %s changed its spec: %+v", name, now.Spec)
			}
			if changed := now.Status.Login == v1alpha1.LoginDenied; changed != (objections == nil && dryRun == nil) {
				t.Errorf("the login of %s is %s (dry run %v)", name, now.Status.Login, dryRun)
			}
		}
	}
}

func TestADeleteCollectionStopsAtTheSuperAdminAndDeletesMembersBefore(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	// One before and one after super-admin, in the order in which they are deleted.
	env.CreateAll(env.Member("aaron"), env.Member("zoe"))
	ana := clientFor(t, withToken(t, "ana@example.com"))
	everybody := func(options ...client.DeleteAllOfOption) []client.DeleteAllOfOption {
		return append(options, client.InNamespace(env.Namespace))
	}
	if err := checkAnswer(ana.DeleteAllOf(t.Context(), &v1alpha1.Member{}, everybody()...),
		[]refusal{cannot("oidc:ana@example.com", "deletecollection", "members")}); err != nil {
		t.Errorf("a Desk Admin: %v", err)
	}
	if err := checkAnswer(env.DeleteAllOf(t.Context(), &v1alpha1.Member{}, everybody(client.DryRunAll)...), []refusal{superAdminIsTheOperators}); err != nil {
		t.Errorf("a cluster administrator, as a dry run: %v", err)
	}
	if got := len(env.Members()); got != 4 {
		t.Errorf("there are %d members", got)
	}
	if err := checkAnswer(env.DeleteAllOf(t.Context(), &v1alpha1.Member{}, everybody()...), []refusal{superAdminIsTheOperators}); err != nil {
		t.Errorf("a cluster administrator: %v", err)
	}
	// The API server deletes one after the other, by name, until one is refused.
	if left := env.Members(); len(left) != 2 || left[v1alpha1.SuperAdminMemberName].Name == "" || left["zoe"].Name == "" {
		t.Errorf("%d members are left, not super-admin and zoe", len(left))
	}
	notTheSuperAdmin := client.MatchingFieldsSelector{Selector: fields.OneTermNotEqualSelector("metadata.name", v1alpha1.SuperAdminMemberName)}
	if err := env.DeleteAllOf(t.Context(), &v1alpha1.Member{}, everybody(notTheSuperAdmin)...); err != nil {
		t.Errorf("without super-admin among them: %v", err)
	}
	if left := env.Members(); len(left) != 1 {
		t.Errorf("there are %d members", len(left))
	}
}
