package directory

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"rollcall.dev/rollcall/internal/gate"
)

// sessionKeysFeed returns a feed of the session keys in a Secret. It reports the names
// of the Secret's entries that are not keys.
func sessionKeysFeed(directory *Directory, source cache.ListerWatcher, reportInvalid func(name string)) *feed {
	return &feed{
		directory: directory, resource: "sessionkeys", source: source, example: &corev1.Secret{}, backoff: loginBackoff,
		parse:  func(object any) (entry, error) { return parseSessionKeys(object, reportInvalid) },
		retain: func(map[types.NamespacedName]bool) { directory.keys = nil },
	}
}

// watchSecret lists and watches one Secret.
func watchSecret(client rest.Interface, name types.NamespacedName) cache.ListerWatcher {
	selector := fields.OneTermEqualSelector(metav1.ObjectNameField, name.Name)
	return cache.NewListWatchFromClient(client, "secrets", name.Namespace, selector)
}

func parseSessionKeys(object any, reportInvalid func(name string)) (entry, error) {
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return nil, fmt.Errorf("unexpected type in the cache of sessionkeys: %T", object)
	}
	keys := gate.SessionKeys(secret.Data)
	for name := range secret.Data {
		if !slices.ContainsFunc(keys, func(key gate.Key) bool { return key.ID == name }) {
			reportInvalid(name)
		}
	}
	return sessionKeysEntry{keys: keys}, nil
}

// sessionKeysEntry is the entry of the Secret with the session keys.
type sessionKeysEntry struct {
	keys []gate.Key
}

func (sessionKeysEntry) key() types.NamespacedName { return types.NamespacedName{} }

func (e sessionKeysEntry) put(d *Directory) { d.keys = e.keys }

func (sessionKeysEntry) remove(d *Directory) { d.keys = nil }
