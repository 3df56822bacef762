package member

import (
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/references"
)

// Options configure the controller of Members.
type Options struct {
	// Concurrency is the number of Members that are reconciled at a time.
	Concurrency int
	// RoleBindings reports whether Members get RoleBindings for their roles.
	RoleBindings bool
	// Random is the source of passwords and issue IDs.
	Random io.Reader
	// Now is the clock.
	Now func() time.Time
}

// Setup adds the controller of Members.
func Setup(mgr manager.Manager, outbox *Outbox, options Options) error {
	registry := claims.New(listRequesters(mgr.GetClient()))
	seats := licensing.New(cacheSnapshots{mgr.GetClient()}, registry.IsDuplicate)
	reconciler := &reconciler{
		Client:   mgr.GetClient(),
		Lookup:   ownership.Lookup{Cache: mgr.GetClient(), Live: mgr.GetAPIReader()},
		Recorder: mgr.GetEventRecorder("rollcall"),
		Outbox:   outbox.Outbox,
		Claims:   registry,
		Seats:    seats,
		Random:   options.Random,
		Now:      options.Now,

		RoleBindings: options.RoleBindings,
	}
	watch := memberWatch{now: options.Now, forget: reconciler.forget, claims: registry, seats: seats}
	outbox.reconciler = reconciler
	reader, cache := mgr.GetClient(), mgr.GetCache()
	clockJumps, clock := clockWatch(reader, watch)
	if err := mgr.Add(clock); err != nil {
		return err
	}
	controller := ctrl.NewControllerManagedBy(mgr).
		Named("member").
		WithOptions(kube.ControllerOptions(options.Concurrency)).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Member{}, watch.handler())).
		WatchesRawSource(source.Kind(cache, &v1alpha1.ContactCenter{}, centerWatch(reader, seats))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.MemberTemplate{}, templateWatch(reader, seats))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Site{}, placementWatch[*v1alpha1.Site](reader, references.Site))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.Team{}, placementWatch[*v1alpha1.Team](reader, references.Team))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.UserProfile{}, userProfileWatch(reader))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.DesktopProfile{}, placementWatch[*v1alpha1.DesktopProfile](reader, references.DesktopProfile))).
		WatchesRawSource(source.Kind(cache, &v1alpha1.SkillGroup{}, groupWatch(reader))).
		WatchesRawSource(source.Kind[client.Object](cache, &corev1.Secret{}, ownership.EnqueueOwner("Member", v1alpha1.MemberLabel))).
		WatchesRawSource(seatsAssigned(seats)).
		WatchesRawSource(clockJumps).
		WatchesRawSource(outbox.members(reader))
	if options.RoleBindings {
		controller.WatchesRawSource(source.Kind[client.Object](cache, &rbacv1.RoleBinding{}, ownership.EnqueueOwner("Member", v1alpha1.MemberLabel)))
		controller.WatchesRawSource(source.Kind(cache, client.Object(&rbacv1.Role{}), profileRoleWatch(reader)))
	}
	return controller.Complete(reconciler)
}
