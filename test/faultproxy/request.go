package faultproxy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
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

// ofNamespaces are the subresources of namespaces; whatever else follows the name of
// one is in it.
var ofNamespaces = []string{"status", "finalize"}

// groupResource names the resource.
func (r Request) groupResource() schema.GroupResource {
	return schema.GroupResource{Group: r.Group, Resource: r.Resource}
}

// requestOf reads what a request is about.
func requestOf(r *http.Request) Request {
	var request Request
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case parts[0] == "api" && len(parts) > 2:
		parts = parts[2:]
	case parts[0] == "apis" && len(parts) > 3:
		request.Group, parts = parts[1], parts[3:]
	default:
		return request
	}
	if parts[0] == "namespaces" && len(parts) > 1 {
		request.Namespace = parts[1]
		if len(parts) > 2 && !slices.Contains(ofNamespaces, parts[2]) {
			parts = parts[2:]
		}
	}
	// At least one is there.
	parts = append(parts, "", "")
	request.Resource, request.Name, request.Subresource = parts[0], parts[1], parts[2]
	request.Verb = verbOf(r, request.Name)
	return request
}

// verbOf is the verb of a request about a resource.
func verbOf(r *http.Request, name string) string {
	switch r.Method {
	case http.MethodPost:
		return "create"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		return "patch"
	case http.MethodDelete:
		if name == "" {
			return "deletecollection"
		}
		return "delete"
	}
	watch, err := strconv.ParseBool(r.URL.Query().Get("watch"))
	switch {
	case err == nil && watch:
		return "watch"
	case name == "":
		return "list"
	default:
		return "get"
	}
}
