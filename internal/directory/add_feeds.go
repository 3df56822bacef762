package directory

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// AddFeeds adds the feeds of the served namespaces and of the Secret with the session
// keys to a directory. No namespaces means all.
func AddFeeds(mgr manager.Manager, d *Directory, namespaces []string, sessionKeySecret types.NamespacedName) error {
	codecs := serializer.NewCodecFactory(mgr.GetScheme())
	clientFor := func(kind schema.GroupVersionKind) (rest.Interface, error) {
		return apiutil.RESTClientForGVK(kind, false, false, mgr.GetConfig(), codecs, mgr.GetHTTPClient())
	}
	rollcall, err := clientFor(v1alpha1.GroupVersion.WithKind("Member"))
	if err != nil {
		return err
	}
	core, err := clientFor(corev1.SchemeGroupVersion.WithKind("Secret"))
	if err != nil {
		return err
	}
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		d.feeds[namespace] = []*feed{
			d.members.watch(d, rollcall, namespace), d.credentials.watch(d, core, namespace), d.contactCenters.watch(d, rollcall, namespace),
		}
		d.whoamiFeeds[namespace] = []*feed{
			d.sites.watch(d, rollcall, namespace), d.teams.watch(d, rollcall, namespace), d.desktopProfiles.watch(d, rollcall, namespace),
		}
	}
	selector := fields.OneTermEqualSelector(metav1.ObjectNameField, sessionKeySecret.Name)
	d.keysFeed = d.sessionKeys.feed(d, cache.NewListWatchFromClient(core, "secrets", sessionKeySecret.Namespace, selector), metav1.NamespaceAll)
	return nil
}
