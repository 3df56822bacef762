package faultproxy

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARequestIsReadAsTheAPIServerReadsIt(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]Request{
		"GET /version":                 {},
		"GET /api/v1":                  {},
		"GET /apis/rollcall.dev":       {},
		"GET /api/v1/pods":             {Verb: "list", Resource: "pods"},
		"GET /api/v1/pods?watch=true":  {Verb: "watch", Resource: "pods"},
		"GET /api/v1/pods?watch=false": {Verb: "list", Resource: "pods"},
		"GET /api/v1/namespaces":       {Verb: "list", Resource: "namespaces"},
		"GET /api/v1/namespaces/desk":  {Verb: "get", Resource: "namespaces", Namespace: "desk", Name: "desk"},
		"PUT /api/v1/namespaces/desk/finalize": {
			Verb: "update", Resource: "namespaces", Namespace: "desk", Name: "desk", Subresource: "finalize",
		},
		"GET /api/v1/namespaces/desk/secrets":        {Verb: "list", Resource: "secrets", Namespace: "desk"},
		"DELETE /api/v1/namespaces/desk/secrets":     {Verb: "deletecollection", Resource: "secrets", Namespace: "desk"},
		"DELETE /api/v1/namespaces/desk/secrets/ana": {Verb: "delete", Resource: "secrets", Namespace: "desk", Name: "ana"},
		"POST /apis/rollcall.dev/v1alpha1/namespaces/desk/members": {
			Verb: "create", Group: "rollcall.dev", Resource: "members", Namespace: "desk",
		},
		"GET /apis/rollcall.dev/v1alpha1/members?watch=1&resourceVersion=5": {Verb: "watch", Group: "rollcall.dev", Resource: "members"},
		"PATCH /apis/rollcall.dev/v1alpha1/namespaces/desk/members/ana/status": {
			Verb: "patch", Group: "rollcall.dev", Resource: "members", Namespace: "desk", Name: "ana", Subresource: "status",
		},
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(target, " ")
			if got := requestOf(httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)); got != want {
				t.Errorf("it is %+v, want %+v", got, want)
			}
		})
	}
}
