package counted

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// SetupSkillGroup adds the controller of SkillGroups. Who is in a group is
// written on the Members; a group is only counted.
func SetupSkillGroup(mgr manager.Manager, now func() time.Time) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("skillgroup").
		WithOptions(kube.ControllerOptions(1)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.SkillGroup{}, kube.WatchSelf[*v1alpha1.SkillGroup]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, countedByGroups(mgr.GetClient()))).
		Complete(kube.StatusReconciler[v1alpha1.SkillGroup, *v1alpha1.SkillGroup]{
			Client: mgr.GetClient(), Recounts: kube.NewRecounts(now),
			Observe: skillGroupObserver{reader: mgr.GetClient(), now: now}.describe,
		})
}

// countedByGroups has the SkillGroups counted that a Member is in, was in, or is
// listed by.
func countedByGroups(groups client.Reader) handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	joined := func(member *v1alpha1.Member, queue kube.Queue) {
		for _, name := range references.JoinedGroups(member) {
			kube.EnqueueRecount(queue, member.Namespace, name)
		}
	}
	listing := func(ctx context.Context, member *v1alpha1.Member, queue kube.Queue) {
		var list v1alpha1.SkillGroupList
		if groups.List(ctx, &list, client.InNamespace(member.Namespace),
			client.MatchingFields{references.GroupMemberIndex.Name: member.Name}, client.UnsafeDisableDeepCopy) != nil {
			return // the cache stops with the operator
		}
		for i := range list.Items {
			kube.EnqueueRecount(queue, member.Namespace, list.Items[i].Name)
		}
	}
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue kube.Queue) {
			if !e.IsInInitialList { // at the start, every group comes by itself
				joined(e.Object, queue)
				listing(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(_ context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue kube.Queue) {
			was, is := &e.ObjectOld.Status, &e.ObjectNew.Status
			if was.Login != is.Login || !equality.Semantic.DeepEqual(was.SkillGroups, is.SkillGroups) {
				joined(e.ObjectOld, queue)
				joined(e.ObjectNew, queue)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue kube.Queue) {
			joined(e.Object, queue)
			listing(ctx, e.Object, queue)
		},
	}
}
