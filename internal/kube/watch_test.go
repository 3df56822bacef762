package kube

import (
	"context"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestWatchesReactToTheDocumentedEvents(t *testing.T) {
	t.Parallel()
	const created, initial, specUpdated, statusUpdated, deleted = "created", "initial", "spec updated", "status updated", "deleted"
	first := &v1alpha1.Site{ObjectMeta: metav1.ObjectMeta{Name: "first", Generation: 1}}
	second := &v1alpha1.Site{ObjectMeta: metav1.ObjectMeta{Name: "second", Generation: 2}}
	name := func(site *v1alpha1.Site) string {
		if site == nil {
			return ""
		}
		return site.Name
	}
	reactions := map[string]func(reacted *[]string) Handler[*v1alpha1.Site]{
		"WatchTransitions": func(reacted *[]string) Handler[*v1alpha1.Site] {
			return WatchTransitions(func(_ context.Context, before, after *v1alpha1.Site, _ Queue) {
				*reacted = append(*reacted, name(before)+">"+name(after))
			})
		},
		"WatchChanges": func(reacted *[]string) Handler[*v1alpha1.Site] {
			return WatchChanges(func(_ context.Context, site *v1alpha1.Site, _ Queue) { *reacted = append(*reacted, site.Name) })
		},
		"WatchSelf": func(*[]string) Handler[*v1alpha1.Site] { return WatchSelf[*v1alpha1.Site]() },
	}
	for watch, wanted := range map[string]map[string][]string{
		"WatchTransitions": {created: {">first"}, initial: nil, specUpdated: {"first>second"}, statusUpdated: {"first>first"}, deleted: {"first>"}},
		"WatchChanges":     {created: {"first"}, initial: nil, specUpdated: {"first", "second"}, statusUpdated: nil, deleted: {"first"}},
		"WatchSelf":        {created: {"first"}, initial: {"first"}, specUpdated: {"first"}, statusUpdated: nil, deleted: {"first"}},
	} {
		for action, want := range wanted {
			var got []string
			queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
			handler := reactions[watch](&got)
			switch action {
			case created, initial:
				handler.Create(t.Context(), event.TypedCreateEvent[*v1alpha1.Site]{Object: first, IsInInitialList: action == initial}, queue)
			case specUpdated:
				handler.Update(t.Context(), event.TypedUpdateEvent[*v1alpha1.Site]{ObjectOld: first, ObjectNew: second}, queue)
			case statusUpdated:
				handler.Update(t.Context(), event.TypedUpdateEvent[*v1alpha1.Site]{ObjectOld: first, ObjectNew: first.DeepCopy()}, queue)
			case deleted:
				handler.Delete(t.Context(), event.TypedDeleteEvent[*v1alpha1.Site]{Object: first}, queue)
			}
			for queue.Len() > 0 {
				request, _ := queue.Get()
				got = append(got, request.Name)
				queue.Done(request)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q, want %q", watch, action, got, want)
			}
			queue.ShutDown()
		}
	}
}
