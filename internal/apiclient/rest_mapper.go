package apiclient

import (
	"net/http"
	"sync"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// rememberingMapper remembers where the API server has a kind. With
// --watch-namespaces every look into the cache asks that, and the mapper underneath
// makes an error for each API group that does not have the kind: it was more than a
// third of all memory that the operator allocated.
type rememberingMapper struct {
	apimeta.RESTMapper

	known sync.Map // *apimeta.RESTMapping by schema.GroupVersionKind
}

// NewRESTMapper is controller-runtime's own mapper, which remembers.
func NewRESTMapper(cluster *rest.Config, client *http.Client) (apimeta.RESTMapper, error) {
	mapper, err := apiutil.NewDynamicRESTMapper(cluster, client)
	if err != nil {
		return nil, err
	}
	return &rememberingMapper{RESTMapper: mapper}, nil
}

// RESTMapping implements apimeta.RESTMapper. What does not exist yet is not remembered.
func (m *rememberingMapper) RESTMapping(kind schema.GroupKind, versions ...string) (*apimeta.RESTMapping, error) {
	if len(versions) != 1 {
		return m.RESTMapper.RESTMapping(kind, versions...)
	}
	key := kind.WithVersion(versions[0])
	if found, ok := m.known.Load(key); ok {
		if mapping, ok := found.(*apimeta.RESTMapping); ok {
			return mapping, nil
		}
	}
	mapping, err := m.RESTMapper.RESTMapping(kind, versions...)
	if err == nil {
		m.known.Store(key, mapping)
	}
	return mapping, err
}
