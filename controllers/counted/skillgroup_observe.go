package counted

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/references"
)

// maxUnknownMembers is how many unknown names a status shows.
const maxUnknownMembers = 10

// skillGroupObservation is all that the status of a SkillGroup is made from.
type skillGroupObservation struct {
	now   time.Time
	group *v1alpha1.SkillGroup
	// members and available count the Members that are in the group, and those
	// of them that may log in.
	members, available int32
	// unknown are the first names in the spec that no Member has, unknownTotal
	// is how many there are.
	unknown      []string
	unknownTotal int
	// selectorProblem is what is wrong with the selector; empty if nothing is.
	selectorProblem string
}

// skillGroupObserver looks at SkillGroups.
type skillGroupObserver struct {
	reader client.Reader
	now    func() time.Time
}

// describe brings the status of a SkillGroup up to date.
func (o skillGroupObserver) describe(ctx context.Context, group *v1alpha1.SkillGroup) error {
	observed, err := o.observe(ctx, group)
	if err != nil {
		return err
	}
	group.Status = skillGroupStatus(observed)
	return nil
}

// observe makes the only reads of a reconcile.
func (o skillGroupObserver) observe(ctx context.Context, group *v1alpha1.SkillGroup) (skillGroupObservation, error) {
	observed := skillGroupObservation{now: o.now(), group: group}
	var joined v1alpha1.MemberList
	if err := o.reader.List(ctx, &joined, client.InNamespace(group.Namespace),
		client.MatchingFields{references.JoinedGroupIndex.Name: group.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return observed, err
	}
	for i := range joined.Items {
		observed.members++
		if joined.Items[i].Status.Login == v1alpha1.LoginAllowed {
			observed.available++
		}
	}
	for _, listed := range group.Spec.Members {
		var member v1alpha1.Member
		err := o.reader.Get(ctx, client.ObjectKey{Namespace: group.Namespace, Name: listed.Name}, &member, client.UnsafeDisableDeepCopy)
		if client.IgnoreNotFound(err) != nil {
			return observed, err
		}
		if err != nil {
			observed.unknownTotal++
			if len(observed.unknown) < maxUnknownMembers {
				observed.unknown = append(observed.unknown, listed.Name)
			}
		}
	}
	if group.Spec.Selector != nil {
		if _, err := metav1.LabelSelectorAsSelector(group.Spec.Selector); err != nil {
			observed.selectorProblem = err.Error()
		}
	}
	return observed, nil
}
