package directory

import (
	"fmt"
	"maps"

	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// placeEntry is a Site, Team or DesktopProfile in the gate's directory.
type placeEntry[V any] struct {
	namespace, name string
	value           V
	// shelf is where a book has them.
	shelf func(*centerRecords) map[string]V
}

func (e placeEntry[V]) key() string { return e.namespace + "/" + e.name }

func (e placeEntry[V]) enter(d *Directory) { e.shelf(d.center(e.namespace))[e.name] = e.value }

func (e placeEntry[V]) leave(d *Directory) {
	delete(e.shelf(d.center(e.namespace)), e.name)
	d.tidy(e.namespace)
}

// placeKind is a kind of which the gate keeps one value for each object.
type placeKind[O client.Object, V any] struct {
	// kind names the objects for people, in the plural.
	kind string
	// example is an object of it.
	example O
	// shelf is where a book has the values, and value what is kept of an object.
	shelf func(*centerRecords) map[string]V
	value func(O) V
}

// read makes an entry of an object.
func (k placeKind[O, V]) read(object any) (entry, error) {
	read, ok := object.(O)
	if !ok {
		return nil, fmt.Errorf("%T is none of the %s", object, k.kind)
	}
	return placeEntry[V]{namespace: read.GetNamespace(), name: read.GetName(), value: k.value(read), shelf: k.shelf}, nil
}

// feed keeps what the directory has of the kind the same as the API server.
func (k placeKind[O, V]) feed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return &feed{
		directory: directory, kind: k.kind, source: source, example: k.example, read: k.read, backoff: placeBackoff,
		keep: inBooks(namespace, func(name string, book *centerRecords, keys map[string]bool) {
			maps.DeleteFunc(k.shelf(book), func(object string, _ V) bool { return !keys[name+"/"+object] })
		}),
	}
}

func sitesFeed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return placeKind[*v1alpha1.Site, string]{
		kind: "sites", example: &v1alpha1.Site{},
		shelf: func(b *centerRecords) map[string]string { return b.sites },
		value: func(site *v1alpha1.Site) string { return site.Spec.DisplayName },
	}.feed(directory, source, namespace)
}

func teamsFeed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return placeKind[*v1alpha1.Team, string]{
		kind: "teams", example: &v1alpha1.Team{},
		shelf: func(b *centerRecords) map[string]string { return b.teams },
		value: func(team *v1alpha1.Team) string { return team.Spec.DisplayName },
	}.feed(directory, source, namespace)
}

func desktopProfilesFeed(directory *Directory, source cache.ListerWatcher, namespace string) *feed {
	return placeKind[*v1alpha1.DesktopProfile, *gate.DesktopProfile]{
		kind: "desktopprofiles", example: &v1alpha1.DesktopProfile{},
		shelf: func(b *centerRecords) map[string]*gate.DesktopProfile { return b.desktopProfiles },
		value: newDesktopProfile,
	}.feed(directory, source, namespace)
}
