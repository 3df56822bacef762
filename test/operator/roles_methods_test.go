package operator

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// identities are the ways in which requesters can be who they are.
var identities = map[string]func(t *testing.T, r requester) *rest.Config{
	"by certificate":                       func(t *testing.T, r requester) *rest.Config { t.Helper(); return r.authenticate(t) },
	"by token":                             byToken,
	"by an administrator who acts as them": byImpersonation,
}

// byToken is with an ID token of the issuer. No such token makes a user an
// administrator of the cluster, nor the operator.
func byToken(t *testing.T, r requester) *rest.Config {
	t.Helper()
	if r.passes || r.isClusterAdministrator() {
		return r.authenticate(t)
	}
	return withToken(t, r.email())
}

func byImpersonation(t *testing.T, r requester) *rest.Config {
	t.Helper()
	config := rest.CopyConfig(shared.Cluster(t).Config)
	config.Impersonate.UserName = r.username()
	if r.isClusterAdministrator() {
		config.Impersonate.Groups = []string{"system:masters"}
	}
	return config
}

// caller is who makes requests.
type caller struct {
	client client.WithWatch
	config *rest.Config
}

func newCaller(t *testing.T, config *rest.Config) caller {
	t.Helper()
	return caller{client: clientFor(t, config), config: config}
}

// method is how a Member, or its status, is changed.
type method struct {
	name string
	// verb is RBAC's.
	verb string
	// keeps reports whether it cannot remove a field.
	keeps bool
	// send asks for it. The subresource is status or empty.
	send func(env *environment, as client.Client, before, changed *v1alpha1.Member, subresource string, dryRun []string) error
}

var (
	byPut = method{name: "PUT", verb: "update", send: func(env *environment, as client.Client, _, changed *v1alpha1.Member, subresource string, dryRun []string) error {
		if subresource != "" {
			return as.SubResource(subresource).Update(env.Context(), changed, &client.SubResourceUpdateOptions{UpdateOptions: client.UpdateOptions{DryRun: dryRun}})
		}
		return as.Update(env.Context(), changed, &client.UpdateOptions{DryRun: dryRun})
	}}
	byMergePatch = method{name: "a merge patch", verb: "patch", send: func(env *environment, as client.Client, before, changed *v1alpha1.Member, subresource string, dryRun []string) error {
		patch, err := client.MergeFrom(before).Data(changed)
		if err != nil {
			return err
		}
		return env.patchSubresource(as, changed.Name, subresource, types.MergePatchType, string(patch), dryRun)
	}}
	byJSONPatch = method{name: "a JSON patch", verb: "patch", send: func(env *environment, as client.Client, _, changed *v1alpha1.Member, subresource string, dryRun []string) error {
		patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec", "value": changed.Spec}})
		if err != nil {
			return err
		}
		return env.patchSubresource(as, changed.Name, subresource, types.JSONPatchType, string(patch), dryRun)
	}}
	// By applying, only what the same program applied before can be taken away.
	byApply = method{name: "server-side apply", verb: "patch", keeps: true, send: func(env *environment, as client.Client, _, changed *v1alpha1.Member, subresource string, dryRun []string) error {
		patch, err := json.Marshal(applied(changed, subresource))
		if err != nil {
			return err
		}
		return env.patchSubresource(as, changed.Name, subresource, types.ApplyPatchType, string(patch), dryRun)
	}}
)

// applied returns what a client applies for a Member to become so.
func applied(member *v1alpha1.Member, subresource string) map[string]any {
	object := map[string]any{"apiVersion": v1alpha1.GroupVersion.String(), "kind": "Member"}
	if subresource != "" {
		object["metadata"] = map[string]any{"name": member.Name}
		object["status"] = member.Status
		return object
	}
	object["metadata"] = metav1.ObjectMeta{
		Name: member.Name, Labels: member.Labels, Annotations: member.Annotations, OwnerReferences: member.OwnerReferences, Finalizers: member.Finalizers,
	}
	object["spec"] = struct {
		v1alpha1.MemberSpec
		// In the Member's own JSON, false is nothing.
		ForceOffline bool `json:"forceOffline"`
	}{member.Spec, member.Spec.ForceOffline}
	return object
}

// patch patches a Member.
func (env *environment) patch(as client.Client, name string, patchType types.PatchType, patch string, dryRun []string) error {
	return env.patchSubresource(as, name, "", patchType, patch, dryRun)
}

// patchSubresource patches a Member, or its status if that is the subresource.
func (env *environment) patchSubresource(as client.Client, name, subresource string, patchType types.PatchType, patch string, dryRun []string) error {
	options := &client.PatchOptions{DryRun: dryRun, FieldManager: "rollcall-cli"}
	if patchType == types.ApplyPatchType {
		options.Force = new(true)
	}
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name}}
	change := client.RawPatch(patchType, []byte(patch))
	if subresource != "" {
		return as.SubResource(subresource).Patch(env.Context(), member, change, &client.SubResourcePatchOptions{PatchOptions: *options})
	}
	return as.Patch(env.Context(), member, change, options)
}

// way is how the requests of the table come in.
type way struct {
	name         string
	authenticate func(*testing.T, requester) *rest.Config
	by           method
	// whole tries every cell of the table, for real where it is allowed. Else each guard
	// refuses once and allows once per requester.
	whole bool
}

// ways have each identity, and each method that is a different request to the guards.
// The whole table comes last, because it does what cannot be repeated.
var ways = []way{
	{name: "by an administrator who acts as them, server-side apply", authenticate: byImpersonation, by: byApply},
	{name: "by token, a merge patch", authenticate: byToken, by: byMergePatch},
	{name: "by certificate, PUT", authenticate: identities["by certificate"], by: byPut, whole: true},
}
