package apiclient

import (
	"net/http"
	"sync"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// cachingMapper caches REST mappings. With --watch-namespaces, every read from the cache
// of objects asks for a mapping, and the underlying mapper creates an error for each API
// group that lacks the resource: more than a third of all allocations of the operator.
type cachingMapper struct {
	apimeta.RESTMapper

	known sync.Map // *apimeta.RESTMapping by schema.GroupVersionKind
}

// NewRESTMapper returns controller-runtime's mapper with a cache.
func NewRESTMapper(cluster *rest.Config, client *http.Client) (apimeta.RESTMapper, error) {
	mapper, err := apiutil.NewDynamicRESTMapper(cluster, client)
	if err != nil {
		return nil, err
	}
	return &cachingMapper{RESTMapper: mapper}, nil
}

// RESTMapping implements apimeta.RESTMapper. It caches no errors: the resource may
// appear later.
func (m *cachingMapper) RESTMapping(kind schema.GroupKind, versions ...string) (*apimeta.RESTMapping, error) {
	if len(versions) != 1 {
		return m.RESTMapper.RESTMapping(kind, versions...)
	}
	key := kind.WithVersion(versions[0])
	found, _ := m.known.Load(key)
	if mapping, ok := found.(*apimeta.RESTMapping); ok {
		return mapping, nil
	}
	mapping, err := m.RESTMapper.RESTMapping(kind, versions...)
	if err == nil {
		m.known.Store(key, mapping)
	}
	return mapping, err
}
