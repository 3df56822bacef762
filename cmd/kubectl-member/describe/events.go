package describe

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// maxEvents is how many events are shown.
const maxEvents = 10

// Event is an event.
type Event struct {
	at                 metav1.Time
	kind, reason, note string
}

// RecentEvents are the last events about a Member, the latest first, or why they
// cannot be shown.
func RecentEvents(ctx context.Context, cluster client.Client, member *v1alpha1.Member) (events []Event, unseen string) {
	var list corev1.EventList
	err := cluster.List(ctx, &list, client.InNamespace(member.Namespace), client.Limit(query.PageSize), client.MatchingFields{
		"involvedObject.kind": "Member", "involvedObject.name": member.Name, "involvedObject.uid": string(member.UID),
	})
	if apierrors.IsForbidden(err) {
		return nil, "you may not list events in namespace " + member.Namespace
	}
	if err != nil {
		return nil, err.Error()
	}
	for i := range list.Items {
		events = append(events, happened(&list.Items[i]))
	}
	slices.SortStableFunc(events, func(a, b Event) int { return b.at.Compare(a.at.Time) })
	return events[:min(len(events), maxEvents)], ""
}

// happened reads an event, which says in one of several fields when it was last.
func happened(event *corev1.Event) Event {
	at := event.CreationTimestamp
	switch {
	case event.Series != nil:
		at = metav1.NewTime(event.Series.LastObservedTime.Time)
	case !event.LastTimestamp.IsZero():
		at = event.LastTimestamp
	case !event.EventTime.IsZero():
		at = metav1.NewTime(event.EventTime.Time)
	}
	return Event{at: at, kind: event.Type, reason: event.Reason, note: event.Message}
}
