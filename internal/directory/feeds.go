package directory

import (
	"maps"

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

// credentialsSelector is for the Secrets with members' credentials.
const credentialsSelector = v1alpha1.ManagedByLabel + "=" + v1alpha1.ManagedByValue + "," + v1alpha1.MemberLabel

// AddFeeds gives a directory its feeds: Members, their Secrets and ContactCenters of
// the namespaces served, with what else Whoami tells, and the Secret with the
// session keys.
func AddFeeds(mgr manager.Manager, directory *Directory, namespaces []string, sessionKeySecret types.NamespacedName) error {
	codecs := serializer.NewCodecFactory(mgr.GetScheme())
	clientFor := func(kind schema.GroupVersionKind) (rest.Interface, error) {
		return apiutil.RESTClientForGVK(kind, false, false, mgr.GetConfig(), codecs, mgr.GetHTTPClient())
	}
	members, err := clientFor(v1alpha1.GroupVersion.WithKind("Member"))
	if err != nil {
		return err
	}
	secrets, err := clientFor(corev1.SchemeGroupVersion.WithKind("Secret"))
	if err != nil {
		return err
	}
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		directory.feeds[namespace] = []*feed{
			membersFeed(directory, watched(members, "members", namespace, nil), namespace),
			credentialsFeed(directory, watched(secrets, "secrets", namespace, func(o *metav1.ListOptions) { o.LabelSelector = credentialsSelector }), namespace),
			centersFeed(directory, watched(members, "contactcenters", namespace, nil), namespace),
		}
		directory.placeFeeds[namespace] = []*feed{
			sitesFeed(directory, watched(members, "sites", namespace, nil), namespace),
			teamsFeed(directory, watched(members, "teams", namespace, nil), namespace),
			desktopProfilesFeed(directory, watched(members, "desktopprofiles", namespace, nil), namespace),
		}
	}
	name := fields.OneTermEqualSelector(metav1.ObjectNameField, sessionKeySecret.Name).String()
	keys := watched(secrets, "secrets", sessionKeySecret.Namespace, func(o *metav1.ListOptions) { o.FieldSelector = name })
	log := mgr.GetLogger().WithName("gate")
	directory.keysFeed = keysFeed(directory, keys, func(entry string) {
		log.Info("An entry of the session keys' Secret is no key: its name has to be a UTC time such as 20261122T184100Z, and its value 32 bytes", "entry", entry)
	})
	return nil
}

// watched lists and watches a resource in one namespace, or in all.
func watched(client rest.Interface, resource, namespace string, only func(*metav1.ListOptions)) cache.ListerWatcher {
	if only == nil {
		only = func(*metav1.ListOptions) {}
	}
	return cache.NewFilteredListWatchFromClient(client, resource, namespace, only)
}

func membersFeed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return &feed{
		directory: directory, kind: "members", source: source, example: &v1alpha1.Member{}, read: readMember, backoff: feedBackoff,
		keep: inBooks(namespace, func(name string, book *centerRecords, keys map[string]bool) {
			for member := range book.members {
				if !keys[name+"/"+member] {
					book.removeMember(member)
				}
			}
		}),
	}
}

func credentialsFeed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return &feed{
		directory: directory, kind: "secrets", source: source, example: &corev1.Secret{}, read: readSecret, backoff: feedBackoff,
		keep: inBooks(namespace, func(name string, book *centerRecords, keys map[string]bool) {
			maps.DeleteFunc(book.credentials, func(member string, _ credentialsRecord) bool { return !keys[name+"/"+member] })
		}),
	}
}

func centersFeed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return &feed{
		directory: directory, kind: "contactcenters", source: source, example: &v1alpha1.ContactCenter{}, read: readCenter, backoff: feedBackoff,
		keep: inBooks(namespace, func(name string, book *centerRecords, keys map[string]bool) {
			if !keys[name+"/"] {
				book.center = nil
			}
		}),
	}
}

func keysFeed(directory *Directory, source cache.ListerWatcher, noKey func(entry string)) *feed {
	return &feed{
		directory: directory, kind: "sessionkeys", source: source, example: &corev1.Secret{}, read: readKeys(noKey), backoff: feedBackoff,
		keep: func(d *Directory, _ map[string]bool) { d.keys = nil },
	}
}

// inBooks keeps what has one of the keys in the book of a namespace, or in all books.
func inBooks(namespace string, keep func(name string, book *centerRecords, keys map[string]bool)) func(*Directory, map[string]bool) {
	return func(d *Directory, keys map[string]bool) {
		for name, book := range d.centers {
			if namespace == metav1.NamespaceAll || namespace == name {
				keep(name, book, keys)
				d.tidy(name)
			}
		}
	}
}
