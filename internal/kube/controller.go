package kube

import (
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Back-off of a Member, SkillGroup or ContactCenter that cannot be reconciled,
// such as one whose Secret is over a quota.
const (
	retryBase = 50 * time.Millisecond
	retryMost = 30 * time.Second
)

// ControllerOptions are the same for all controllers but for how much they do at
// a time.
func ControllerOptions(concurrency int) controller.Options {
	return controller.Options{
		MaxConcurrentReconciles: concurrency,
		RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](retryBase, retryMost),
	}
}
