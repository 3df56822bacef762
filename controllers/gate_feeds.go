package controllers

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// credentialsSelector is for the Secrets with members' credentials.
const credentialsSelector = v1alpha1.ManagedByLabel + "=" + v1alpha1.ManagedByValue + "," + v1alpha1.MemberLabel

// newGateFeeds makes the feeds of a directory: Members, their Secrets and
// ContactCenters of the namespaces served, and the Secret with the session keys.
func newGateFeeds(mgr manager.Manager, directory *gateDirectory, options GateOptions) ([]*gateFeed, error) {
	codecs := serializer.NewCodecFactory(mgr.GetScheme())
	clientFor := func(kind schema.GroupVersionKind) (rest.Interface, error) {
		return apiutil.RESTClientForGVK(kind, false, false, mgr.GetConfig(), codecs, mgr.GetHTTPClient())
	}
	members, err := clientFor(v1alpha1.GroupVersion.WithKind("Member"))
	if err != nil {
		return nil, err
	}
	secrets, err := clientFor(corev1.SchemeGroupVersion.WithKind("Secret"))
	if err != nil {
		return nil, err
	}
	namespaces := options.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	var feeds []*gateFeed
	for _, namespace := range namespaces {
		feeds = append(
			feeds,
			membersFeed(directory, watched(members, "members", namespace, nil), namespace),
			credentialsFeed(directory, watched(secrets, "secrets", namespace, func(o *metav1.ListOptions) { o.LabelSelector = credentialsSelector }), namespace),
			centersFeed(directory, watched(members, "contactcenters", namespace, nil), namespace),
		)
	}
	name := fields.OneTermEqualSelector(metav1.ObjectNameField, options.SessionKeySecret.Name).String()
	keys := watched(secrets, "secrets", options.SessionKeySecret.Namespace, func(o *metav1.ListOptions) { o.FieldSelector = name })
	return append(feeds, keysFeed(directory, keys)), nil
}

// watched lists and watches a resource in one namespace, or in all.
func watched(client rest.Interface, resource, namespace string, only func(*metav1.ListOptions)) cache.ListerWatcher {
	if only == nil {
		only = func(*metav1.ListOptions) {}
	}
	return cache.NewFilteredListWatchFromClient(client, resource, namespace, only)
}

func membersFeed(directory *gateDirectory, source cache.ListerWatcher, namespace string) *gateFeed {
	return &gateFeed{
		directory: directory, kind: "members", source: source, example: &v1alpha1.Member{},
		read: readMember, clear: clearBooks(namespace, (*gateBook).clearMembers),
	}
}

func credentialsFeed(directory *gateDirectory, source cache.ListerWatcher, namespace string) *gateFeed {
	return &gateFeed{
		directory: directory, kind: "secrets", source: source, example: &corev1.Secret{},
		read: readSecret, clear: clearBooks(namespace, (*gateBook).clearCredentials),
	}
}

func centersFeed(directory *gateDirectory, source cache.ListerWatcher, namespace string) *gateFeed {
	return &gateFeed{
		directory: directory, kind: "contactcenters", source: source, example: &v1alpha1.ContactCenter{},
		read: readCenter, clear: clearBooks(namespace, (*gateBook).clearCenter),
	}
}

func keysFeed(directory *gateDirectory, source cache.ListerWatcher) *gateFeed {
	return &gateFeed{
		directory: directory, kind: "sessionkeys", source: source, example: &corev1.Secret{},
		read: readKeys, clear: func(d *gateDirectory) { d.keys = nil },
	}
}

// clearBooks clears one kind out of the book of a namespace, or out of all books.
func clearBooks(namespace string, clearKind func(*gateBook)) func(*gateDirectory) {
	return func(d *gateDirectory) {
		for name, book := range d.books {
			if namespace == metav1.NamespaceAll || namespace == name {
				clearKind(book)
				d.tidy(name)
			}
		}
	}
}

func (b *gateBook) clearMembers() {
	clear(b.members)
	clear(b.byUID)
	clear(b.byEmail)
}

func (b *gateBook) clearCredentials() { clear(b.credentials) }

func (b *gateBook) clearCenter() { b.center = nil }
