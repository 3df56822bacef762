package operator

import (
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
	objections := env.refusals(a, a.needs(way), about)
	if !way.whole && !env.isNew(a, way, objections) {
		return
	}
	member, leave := env.prepareMember(a, about)
	defer leave()
	dryRuns := [][]string{{metav1.DryRunAll}, nil}
	if a.change != nil && way.by.real {
		dryRuns = dryRuns[1:]
	}
	for _, dryRun := range dryRuns {
		before := env.find(member.Name)
		err := env.sendAction(a, before, way, dryRun)
		said := objections
		if a.change != nil && way.by.said != nil {
			said = way.by.said(objections)
		}
		if err = checkAnswer(err, said); err == nil {
			err = env.checkOutcome(a, before, env.find(member.Name), len(objections) == 0 && dryRun == nil)
		}
		if err != nil {
			env.Errorf("%s → %s, self %v: %s (%s, dry run %v): %v", env.name, about.role, about.self, a.name, way.name, dryRun, err)
		}
	}
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

// needs are what RBAC must allow.
func (a action) needs(way way) (needs []need) {
	if a.change == nil {
		return []need{{a.verb, a.resource}}
	}
	if way.by.reads {
		needs = append(needs, need{"get", a.resource})
	}
	return append(needs, need{way.by.verb, a.resource})
}

func (env *requesterEnvironment) sendAction(a action, member *v1alpha1.Member, way way, dryRun []string) error {
	if a.change == nil {
		return a.do(env, member, dryRun)
	}
	changed := member.DeepCopy()
	a.change(env, changed)
	_, subresource, _ := strings.Cut(a.resource, "/")
	return way.by.send(env.environment, env.caller, member, changed, subresource, dryRun)
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

// prepareMember has the Member that a cell is about ready, and returns what clears up.
func (env *requesterEnvironment) prepareMember(a action, about target) (member *v1alpha1.Member, leave func()) {
	env.Helper()
	passing := env.exempt()
	switch {
	case about.self:
		member = env.GetMember(env.own)
	case about.role == v1alpha1.RoleSuperAdmin:
		member = env.GetMember(v1alpha1.SuperAdminMemberName)
	default:
		env.cells++
		member = env.withRole(fmt.Sprintf("cell-%d", env.cells), about.role)
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: member.CredentialsSecretName()}}
		if a.before != nil {
			a.before(member)
		}
		passing.CreateAll(secret, member)
		return member, func() {
			if env.find(member.Name) != nil {
				change(passing, member, func(m *v1alpha1.Member) { m.Finalizers = nil })
				passing.remove(member)
			}
		}
	}
	original := member.DeepCopy()
	if a.before != nil {
		change(passing, member, a.before)
	}
	return member, func() { env.restoreMember(original) }
}

// restoreMember has a Member as it was before a cell.
func (env *requesterEnvironment) restoreMember(original *v1alpha1.Member) {
	env.Helper()
	now := env.find(original.Name)
	if now == nil {
		again := &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Namespace: original.Namespace, Name: original.Name, OwnerReferences: original.OwnerReferences},
			Spec:       original.Spec,
		}
		// The garbage collector takes the Secret of the one that is gone.
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: original.Namespace, Name: original.CredentialsSecretName()}}
		env.remove(secret.DeepCopy())
		env.exempt().CreateAll(again, secret)
		return
	}
	now.Spec, now.Finalizers, now.OwnerReferences = original.Spec, original.Finalizers, original.OwnerReferences
	if err := env.Cluster.Exempt.Update(env.Context(), now); err != nil {
		env.Fatal(err)
	}
	now.Status = original.Status
	if err := env.Cluster.Exempt.Status().Update(env.Context(), now); err != nil {
		env.Fatal(err)
	}
}
