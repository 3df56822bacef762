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
	for _, s := range newStages(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s := s.in(t)
			for _, way := range ways {
				s.caller = newCaller(t, way.authenticate(t, s.requester))
				s.playAll(way)
				for _, e := range errands {
					s.run(e, way)
				}
			}
			s.release()
			t.Logf("%d requests allowed, %d refused", s.allowed, s.refused)
		})
	}
}

// playAll is the table of all actions and whom they are done to.
func (s *stage) playAll(way way) {
	s.Helper()
	for _, about := range s.targets() {
		for _, a := range actions {
			if a.role != "" && a.role == about.role || a.takesAway && way.by.keeps {
				continue // they have it already, or it cannot be said
			}
			s.play(a, about, way)
		}
	}
}

// targets are whose Members the requester does something to: somebody's of each
// role, and their own.
func (s *stage) targets() []target {
	targets := []target{{role: v1alpha1.RoleDeskAdmin}, {role: v1alpha1.RoleSupervisor}, {role: v1alpha1.RoleDeskStaff}}
	if s.role != v1alpha1.RoleSuperAdmin {
		targets = append(targets, target{role: v1alpha1.RoleSuperAdmin})
	}
	if s.own != "" {
		targets = append(targets, target{role: s.role, self: true})
	}
	return targets
}

// play is one cell of the table: the action is tried as a dry run and for real.
func (s *stage) play(a action, about target, way way) {
	s.Helper()
	member, leave := s.enter(a, about)
	defer leave()
	objections := s.refusals(a, a.needs(way), about)
	dryRuns := [][]string{{metav1.DryRunAll}, nil}
	if a.change != nil && way.by.real {
		dryRuns = dryRuns[1:]
	}
	for _, dryRun := range dryRuns {
		before := s.find(member.Name)
		err := s.attempt(a, before, way, dryRun)
		said := objections
		if a.change != nil && way.by.said != nil {
			said = way.by.said(objections)
		}
		if err = checkAnswer(err, said); err == nil {
			err = s.checkOutcome(a, before, s.find(member.Name), len(objections) == 0 && dryRun == nil)
		}
		if err != nil {
			s.Errorf("%s → %s, self %v: %s (%s, dry run %v): %v", s.name, about.role, about.self, a.name, way.name, dryRun, err)
		}
	}
	s.count(objections)
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

func (s *stage) attempt(a action, member *v1alpha1.Member, way way, dryRun []string) error {
	if a.change == nil {
		return a.do(s, member, dryRun)
	}
	changed := member.DeepCopy()
	a.change(s, changed)
	_, subresource, _ := strings.Cut(a.resource, "/")
	return way.by.send(s.world, s.caller, member, changed, subresource, dryRun)
}

// checkOutcome checks that an action was done, or that it was not.
func (s *stage) checkOutcome(a action, before, after *v1alpha1.Member, done bool) error {
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
		if a.change(s, changed); !equality.Semantic.DeepEqual(changed, after) {
			return fmt.Errorf("the change is not there: %+v", after)
		}
	}
	return nil
}

// enter has the Member that a cell is about ready, and returns what clears up.
func (s *stage) enter(a action, about target) (member *v1alpha1.Member, leave func()) {
	s.Helper()
	passing := s.exempt()
	switch {
	case about.self:
		member = s.get(s.own)
	case about.role == v1alpha1.RoleSuperAdmin:
		member = s.get(v1alpha1.SuperAdminMemberName)
	default:
		s.cells++
		member = s.withRole(fmt.Sprintf("cell-%d", s.cells), about.role)
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: member.CredentialsSecretName()}}
		if a.before != nil {
			a.before(member)
		}
		passing.create(secret, member)
		return member, func() {
			if s.find(member.Name) != nil {
				change(passing, member, func(m *v1alpha1.Member) { m.Finalizers = nil })
				passing.remove(member)
			}
		}
	}
	original := member.DeepCopy()
	if a.before != nil {
		change(passing, member, a.before)
	}
	return member, func() { s.bringBack(original) }
}

// bringBack has a Member as it was before a cell.
func (s *stage) bringBack(original *v1alpha1.Member) {
	s.Helper()
	now := s.find(original.Name)
	if now == nil {
		again := &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Namespace: original.Namespace, Name: original.Name, OwnerReferences: original.OwnerReferences},
			Spec:       original.Spec,
		}
		// The garbage collector takes the Secret of the one that is gone.
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: original.Namespace, Name: original.CredentialsSecretName()}}
		s.remove(secret.DeepCopy())
		s.exempt().create(again, secret)
		return
	}
	now.Spec, now.Finalizers, now.OwnerReferences = original.Spec, original.Finalizers, original.OwnerReferences
	if err := suite.exempt.Update(s.Context(), now); err != nil {
		s.Fatal(err)
	}
	now.Status = original.Status
	if err := suite.exempt.Status().Update(s.Context(), now); err != nil {
		s.Fatal(err)
	}
}
