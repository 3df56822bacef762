package operator

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestEveryRequesterMayDoToEveryMemberWhatTheirRoleAllowsAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, env := range newRequesterEnvironments(t) {
		t.Run(env.name, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			for _, way := range ways {
				env.caller = newCaller(t, way.authenticate(t, env.requester))
				env.tryActions(way)
				for _, op := range operations {
					env.tryOperation(op, way)
				}
			}
			env.release()
			t.Logf("%d requests allowed, %d refused", env.allowed, env.refused)
		})
	}
}

// tryActions is the table of all actions and whom they are done to.
func (env *requesterEnvironment) tryActions(way way) {
	env.Helper()
	for _, about := range env.targets() {
		for _, a := range actions {
			if a.role != "" && a.role == about.role || a.takesAway && way.by.keeps {
				continue // they have it already, or it cannot be said
			}
			env.tryAction(a, about, way)
		}
	}
}

// targets are the Members that the requester acts on: another member of each
// role, and their own.
func (env *requesterEnvironment) targets() []target {
	targets := []target{{role: v1alpha1.RoleDeskAdmin}, {role: v1alpha1.RoleSupervisor}, {role: v1alpha1.RoleDeskStaff}}
	if env.role != v1alpha1.RoleSuperAdmin {
		targets = append(targets, target{role: v1alpha1.RoleSuperAdmin})
	}
	if env.own != "" {
		targets = append(targets, target{role: env.role, self: true})
	}
	return targets
}

// tryAction is one cell of the table: the action is tried as a dry run and for real.
func (env *requesterEnvironment) tryAction(a action, about target, way way) {
	env.Helper()
	objections := env.refusals(a, cmp.Or(a.verb, way.by.verb), about)
	if !way.whole && !env.isNew(a, way, objections) {
		return
	}
	before := env.prepareMember(a, about)
	for _, dryRun := range [][]string{{metav1.DryRunAll}, nil} {
		err := checkAnswer(env.sendAction(a, before, way, dryRun), objections)
		after := env.find(before.Name)
		if err == nil {
			err = env.checkOutcome(a, before, after, len(objections) == 0 && dryRun == nil)
		}
		if err != nil {
			env.Errorf("%s → %s, self %v: %s (%s, dry run %v): %v", env.name, about.role, about.self, a.name, way.name, dryRun, err)
		}
	}
	env.restoreMember(before.Name)
	env.count(objections)
}

// isNew reports whether this is the first cell of a way in which these guards refuse the
// requester, or in which the guards of the action allow it.
func (env *requesterEnvironment) isNew(a action, way way, objections []refusal) bool {
	key := fmt.Sprintf("%s, change %t:", way.name, a.change != nil)
	for _, objection := range objections {
		key += " " + objection.says
	}
	if len(objections) == 0 {
		key += " allowed " + a.verb + a.resource
		for _, guard := range []*refusal{a.everyone, a.notSelf} {
			if guard != nil {
				key += " " + guard.says
			}
		}
	}
	if env.tried[key] {
		return false
	}
	env.tried[key] = true
	return true
}

func (env *requesterEnvironment) sendAction(a action, member *v1alpha1.Member, way way, dryRun []string) error {
	if a.change == nil {
		return a.do(env, member, dryRun)
	}
	changed := member.DeepCopy()
	a.change(env, changed)
	_, subresource, _ := strings.Cut(a.resource, "/")
	return way.by.send(env.environment, env.client, member, changed, subresource, dryRun)
}

// checkOutcome checks that an action was done, or that it was not.
func (env *requesterEnvironment) checkOutcome(a action, before, after *v1alpha1.Member, done bool) error {
	switch {
	case !done || a.verb == "get":
		if !equality.Semantic.DeepEqual(before, after) {
			return fmt.Errorf("the Member was changed, to %+v", after)
		}
	case a.verb == "delete", a.verb == "deletecollection":
		if after != nil {
			return errors.New("the Member is still there")
		}
	case after == nil || after.ResourceVersion == before.ResourceVersion:
		return errors.New("the Member was not changed")
	case a.change != nil:
		changed := after.DeepCopy()
		if a.change(env, changed); !equality.Semantic.DeepEqual(changed, after) {
			return fmt.Errorf("the change is not there: %+v", after)
		}
	}
	return nil
}

// prepareMember returns the Member that a cell is about, as it is before the action.
func (env *requesterEnvironment) prepareMember(a action, about target) *v1alpha1.Member {
	env.Helper()
	name := "colleague-" + strings.ToLower(string(about.role))
	switch {
	case about.self:
		name = env.own
	case about.role == v1alpha1.RoleSuperAdmin:
		name = v1alpha1.SuperAdminMemberName
	case env.originals[name] == nil:
		colleague := env.withRole(name, about.role)
		env.exempt().CreateAll(named(env.environment, &corev1.Secret{}, colleague.CredentialsSecretName()), colleague)
	}
	if env.originals[name] == nil {
		env.originals[name] = env.GetMember(name)
	}
	if a.before == nil {
		return env.originals[name].DeepCopy()
	}
	change(env.exempt(), env.originals[name].DeepCopy(), a.before)
	return env.GetMember(name)
}

// restoreMember has a Member as it was before the first cell about it.
func (env *requesterEnvironment) restoreMember(name string) {
	env.Helper()
	original, now := env.originals[name], env.find(name)
	switch {
	case now == nil:
		again := &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Namespace: original.Namespace, Name: name, OwnerReferences: original.OwnerReferences},
			Spec:       original.Spec,
		}
		// The garbage collector takes the Secret of the one that is gone.
		secret := named(env.environment, &corev1.Secret{}, original.CredentialsSecretName())
		env.remove(secret.DeepCopy())
		env.exempt().CreateAll(again, secret)
	case now.ResourceVersion == original.ResourceVersion:
		return
	default:
		now.Spec, now.Finalizers, now.OwnerReferences = original.Spec, original.Finalizers, original.OwnerReferences
		if err := env.Cluster.Exempt.Update(env.Context(), now); err != nil {
			env.Fatal(err)
		}
		now.Status = original.Status
		if err := env.Cluster.Exempt.Status().Update(env.Context(), now); err != nil {
			env.Fatal(err)
		}
	}
	env.originals[name] = env.GetMember(name)
}
