package faultproxy

import (
	"net/http"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// Request is what is asked of the API server. What is not about a resource, such as
// discovery, has nothing in it.
type Request struct {
	// Verb is as in RBAC: get, list, watch, create, update, patch, delete or
	// deletecollection.
	Verb string
	// Group is empty for the core group.
	Group string
	// Resource is in the plural, such as members, and Subresource such as status.
	Resource, Subresource string
	// Namespace and Name are empty where a request has none.
	Namespace, Name string
}

// Writes reports whether the request is to change something.
func (r Request) Writes() bool {
	return slices.Contains([]string{"create", "update", "patch", "delete", "deletecollection"}, r.Verb)
}

// requests reads requests as API servers do.
var requests = request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// requestOf reads what a request is about.
func requestOf(r *http.Request) Request {
	info, err := requests.NewRequestInfo(r)
	if err != nil || !info.IsResourceRequest {
		return Request{}
	}
	return Request{
		Verb: info.Verb, Group: info.APIGroup, Resource: info.Resource, Subresource: info.Subresource,
		Namespace: info.Namespace, Name: info.Name,
	}
}
