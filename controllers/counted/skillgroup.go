// Package counted holds the controllers of the resource kinds that Members refer to and
// that own nothing themselves: SkillGroup, Site, Team and DesktopProfile. Each of them
// observes an object, counts its Members, and writes what it found into the status.
package counted

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// maxUnknownMembers is the number of unknown names that a status shows.
const maxUnknownMembers = 10

// SetupSkillGroup adds the controller of SkillGroups. The Members record which groups
// they are in; the controller only counts them.
func SetupSkillGroup(mgr manager.Manager, now func() time.Time) error {
	reader := mgr.GetClient()
	return kube.StatusController[v1alpha1.SkillGroup, *v1alpha1.SkillGroup]{
		Name: "skillgroup", Now: now,
		UpdateStatus: func(ctx context.Context, group *v1alpha1.SkillGroup, now metav1.Time) error {
			observed, err := observeSkillGroup(ctx, reader, group)
			setSkillGroupStatus(group, observed, now)
			return err
		},
		Watches: []source.Source{source.Kind(mgr.GetCache(), &v1alpha1.Member{}, recountGroupsOfMember(reader))},
	}.Setup(mgr)
}

// recountGroupsOfMember recounts the SkillGroups that a Member joins or leaves. If the
// Member is created or deleted, it also recounts those that list it in their spec.
func recountGroupsOfMember(reader client.Reader) kube.Handler[*v1alpha1.Member] {
	differ := func(before, after *v1alpha1.Member) bool {
		return before.Status.Login != after.Status.Login || !equality.Semantic.DeepEqual(before.Status.SkillGroups, after.Status.SkillGroups)
	}
	return kube.Watch(func(ctx context.Context, event kube.Event[*v1alpha1.Member], queue kube.Queue) {
		versions := event.Versions()
		updated := len(versions) == 2
		if event.Initial || (updated && !differ(event.Before, event.After)) {
			return
		}
		for _, member := range versions {
			for _, name := range references.JoinedGroupIndex.Values(member) {
				kube.EnqueueRecount(queue, member.Namespace, name)
			}
		}
		if !updated {
			recountGroupsListing(ctx, reader, versions[0], queue)
		}
	})
}

// recountGroupsListing recounts the SkillGroups that list a Member in their spec.
func recountGroupsListing(ctx context.Context, reader client.Reader, member *v1alpha1.Member, queue kube.Queue) {
	groups, err := references.ListGroups(ctx, reader, member.Namespace, references.GroupMemberIndex.Name, member.Name)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, group := range groups {
		kube.EnqueueRecount(queue, member.Namespace, group.Name)
	}
}

// skillGroupObservation holds everything from which the status of a SkillGroup is
// derived.
type skillGroupObservation struct {
	// members counts the Members in the group, and available those of them whose login
	// is allowed.
	members, available int32
	// unknown holds the names in the spec that no Member has.
	unknown []string
	// selectorProblem is the error in the selector, or "" if the selector is valid.
	selectorProblem string
}

// observeSkillGroup makes the only reads of a reconcile.
func observeSkillGroup(ctx context.Context, reader client.Reader, group *v1alpha1.SkillGroup) (skillGroupObservation, error) {
	var observed skillGroupObservation
	joined, err := kube.ListMembers(ctx, reader, group.Namespace, client.MatchingFields{references.JoinedGroupIndex.Name: group.Name})
	if err != nil {
		return observed, err
	}
	for _, member := range joined {
		observed.members++
		if member.Status.Login == v1alpha1.LoginAllowed {
			observed.available++
		}
	}
	for _, listed := range group.Spec.Members {
		known, err := kube.Exists[v1alpha1.Member](ctx, reader, group.Namespace, listed.Name)
		if err != nil {
			return observed, err
		}
		if !known {
			observed.unknown = append(observed.unknown, listed.Name)
		}
	}
	if _, err := metav1.LabelSelectorAsSelector(group.Spec.Selector); err != nil {
		observed.selectorProblem = err.Error()
	}
	return observed, nil
}

// setSkillGroupStatus derives the status of a SkillGroup from an observation.
func setSkillGroupStatus(group *v1alpha1.SkillGroup, observed skillGroupObservation, now metav1.Time) {
	status := &group.Status
	status.ObservedGeneration, status.Members, status.Available = group.Generation, &observed.members, &observed.available
	status.UnknownMembers = firstUnknown(observed)
	conditions.SetReadyAndStalled(&status.Conditions, skillGroupReady(observed), observed.selectorProblem != "", group.Generation, now)
}

// skillGroupReady returns the verdict of Ready.
func skillGroupReady(observed skillGroupObservation) conditions.Verdict {
	switch {
	case observed.selectorProblem != "":
		return conditions.False(v1alpha1.ReasonSelectorInvalid, conditions.SelectorMessage(observed.selectorProblem))
	case len(observed.unknown) > 0:
		return conditions.False(v1alpha1.ReasonUnknownMembers, unknownMembersMessage(observed))
	default:
		return conditions.True(v1alpha1.ReasonReady, "The skill group is ready. Every Member in spec.members exists.")
	}
}

// firstUnknown returns the unknown names that the status shows.
func firstUnknown(observed skillGroupObservation) []string {
	return observed.unknown[:min(len(observed.unknown), maxUnknownMembers)]
}

// unknownMembersMessage names the Members that do not exist.
func unknownMembersMessage(observed skillGroupObservation) string {
	shown := firstUnknown(observed)
	names := strings.Join(shown, ", ")
	if more := len(observed.unknown) - len(shown); more > 0 {
		names = fmt.Sprintf("%s and %d more", names, more)
	}
	return fmt.Sprintf("No Member in this namespace is named %s. Create the missing Members, or remove them from spec.members.", names)
}
