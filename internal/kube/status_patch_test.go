package kube

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// TestPatchStatusLeavesTheCacheAlone answers a patch with an object whose metadata and spec differ:
// the cached object, with which the patched one shares maps and pointers, must not change.
func TestPatchStatusLeavesTheCacheAlone(t *testing.T) {
	t.Parallel()
	cached := cachedMember()
	want := cached.DeepCopy()
	after := &v1alpha1.Member{ObjectMeta: cached.ObjectMeta, Spec: cached.Spec}
	after.Status.Login = v1alpha1.LoginDenied
	written, err := PatchStatus(t.Context(), clientAnswering(t, `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member",
		"metadata":{"name":"ada","namespace":"support","resourceVersion":"2","labels":{"team":"night","new":"yes"},"finalizers":["b"]},
		"spec":{"email":"ada@example.com","active":false},
		"status":{"login":"Denied"}}`), cached, after)
	if err != nil || !written {
		t.Fatalf("written is %t: %v", written, err)
	}
	if !equality.Semantic.DeepEqual(cached, want) {
		t.Errorf("the cached object is now %+v", cached)
	}
	if after.ResourceVersion != "2" || after.Labels["team"] != "night" || *after.Spec.Active {
		t.Errorf("the object after the patch is %+v, not the answer", after)
	}
}

func TestAPatchThatChangesNothingIsNotWritten(t *testing.T) {
	t.Parallel()
	cached := cachedMember()
	after := cached.DeepCopy()
	after.Status.LoginAllowedSince = &metav1.Time{Time: time.Date(2026, 1, 31, 12, 0, 0, 1, time.UTC)}
	cached.Status.LoginAllowedSince = &metav1.Time{Time: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	written, err := PatchStatus(t.Context(), clientAnswering(t, `{"apiVersion":"rollcall.dev/v1alpha1","kind":"Member",
		"metadata":{"name":"ada","namespace":"support","resourceVersion":"1"}}`), cached, after)
	if err != nil || written {
		t.Errorf("written is %t: %v", written, err)
	}
}

// cachedMember returns a Member with maps, lists, and pointers.
func cachedMember() *v1alpha1.Member {
	return &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Name: "ada", Namespace: "support", ResourceVersion: "1", Labels: map[string]string{"team": "day"}, Finalizers: []string{"a"}},
		Spec:       v1alpha1.MemberSpec{Email: "ada@example.com", Active: new(true)},
	}
}

// clientAnswering returns a client of an API server that gives one answer.
func clientAnswering(t *testing.T, answer string) client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	mapper := apimeta.NewDefaultRESTMapper(nil)
	mapper.Add(v1alpha1.GroupVersion.WithKind("Member"), apimeta.RESTScopeNamespace)
	writer, err := client.New(&rest.Config{Host: server.URL}, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		t.Fatal(err)
	}
	return writer
}
