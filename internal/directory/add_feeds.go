package directory

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// AddFeeds adds the feeds of the served namespaces and of the Secret with the session
// keys to a directory. No namespaces means all.
func AddFeeds(mgr manager.Manager, directory *Directory, namespaces []string, sessionKeySecret types.NamespacedName) error {
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
		directory.feeds[namespace] = []*feed{
			members.watch(directory, rollcall, namespace),
			credentialsSecrets.watch(directory, core, namespace),
			contactCenters.watch(directory, rollcall, namespace),
		}
		directory.whoamiFeeds[namespace] = []*feed{
			sites.watch(directory, rollcall, namespace),
			teams.watch(directory, rollcall, namespace),
			desktopProfiles.watch(directory, rollcall, namespace),
		}
	}
	log := mgr.GetLogger().WithName("gate")
	directory.keysFeed = sessionKeysFeed(directory, watchSecret(core, sessionKeySecret), func(name string) {
		log.Info("An entry of the Secret with the session keys is not a key: its name must be a UTC time such as 20261122T184100Z, and its value 32 bytes", "entry", name)
	})
	return nil
}
