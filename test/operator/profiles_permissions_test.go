package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// cell is one question to the API server: may a user do this in their contact
// center.
type cell struct{ group, resource, subresource, verb string }

func (c cell) String() string {
	return strings.TrimSuffix(fmt.Sprintf("%s %s.%s/%s", c.verb, c.resource, c.group, c.subresource), "/")
}

// profileKinds are the resources that each field of a UserProfile is about.
var profileKinds = map[string][]string{
	"members": {"members"}, "skillGroups": {"skillgroups"}, "teams": {"teams"}, "sites": {"sites"},
	"templates": {"membertemplates"}, "profiles": {"userprofiles", "desktopprofiles"},
}

const (
	viewing = "get list watch"
	writing = "create update patch delete"
)

// everyCell is every question that is asked.
func everyCell() []cell {
	const ours = "rollcall.dev"
	var all []cell
	ask := func(group, resource, subresource, verbs string) {
		for verb := range strings.FieldsSeq(verbs) {
			all = append(all, cell{group, resource, subresource, verb})
		}
	}
	requests := viewing + " " + writing + " deletecollection *"
	for _, resources := range profileKinds {
		for _, resource := range resources {
			ask(ours, resource, "", requests+" limited reset-password force-offline import assign")
			ask(ours, resource, "status", requests)
			ask(ours, resource, "finalizers", "update patch")
		}
	}
	ask(ours, "contactcenters", "", requests+" limited assign")
	ask(ours, "contactcenters", "status", requests)
	ask("", "events", "", requests)
	ask("events.k8s.io", "events", "", requests)
	for _, resource := range []string{"secrets", "configmaps", "pods", "serviceaccounts"} {
		ask("", resource, "", requests+" impersonate")
	}
	ask("", "serviceaccounts", "token", "create")
	for _, resource := range []string{"roles", "rolebindings", "clusterroles"} {
		ask("rbac.authorization.k8s.io", resource, "", requests+" bind escalate")
	}
	return all
}

// given are the cells that a role has in a profile; of a nil access, those of the
// role itself.
func given(role v1alpha1.Role, access *v1alpha1.ProfileAccess, actions []v1alpha1.MemberAction) map[cell]bool {
	cells := map[cell]bool{}
	if role == v1alpha1.RoleDeskStaff {
		return cells
	}
	admin := role != v1alpha1.RoleSupervisor
	allow := func(group, resource, subresource, verbs string) {
		for verb := range strings.FieldsSeq(verbs) {
			cells[cell{group, resource, subresource, verb}] = true
		}
	}
	const ours = "rollcall.dev"
	whole := access == nil || role == v1alpha1.RoleSuperAdmin
	levels := map[string]v1alpha1.AccessLevel{}
	if whole {
		for kind := range profileKinds {
			levels[kind] = v1alpha1.AccessLevelEdit
		}
		actions = []v1alpha1.MemberAction{v1alpha1.ActionResetPassword, v1alpha1.ActionForceOffline, v1alpha1.ActionImport}
	} else {
		levels = map[string]v1alpha1.AccessLevel{
			"members": access.Members, "skillGroups": access.SkillGroups, "teams": access.Teams,
			"sites": access.Sites, "templates": access.Templates, "profiles": access.Profiles,
		}
	}
	for kind, level := range levels {
		for _, resource := range profileKinds[kind] {
			if !sees(level) {
				continue
			}
			allow(ours, resource, "", viewing)
			if admin && level == v1alpha1.AccessLevelEdit {
				allow(ours, resource, "", writing)
			}
			if whole {
				allow(ours, resource, "status", "get")
			} else if admin {
				allow(ours, "members", "", "limited")
			}
		}
	}
	if sees(levels["members"]) {
		allow("", "events", "", viewing)
		allow("events.k8s.io", "events", "", viewing)
	}
	if !admin {
		return cells
	}
	if sees(levels["members"]) {
		allow(ours, "contactcenters", "", viewing)
	}
	if whole {
		allow(ours, "contactcenters", "status", "get")
	}
	if levels["profiles"] == v1alpha1.AccessLevelEdit {
		allow(ours, "userprofiles", "", "assign")
	}
	for action, verb := range map[v1alpha1.MemberAction]string{
		v1alpha1.ActionResetPassword: "reset-password", v1alpha1.ActionForceOffline: "force-offline", v1alpha1.ActionImport: "import",
	} {
		if slices.Contains(actions, action) {
			allow(ours, "members", "", verb)
		}
	}
	return cells
}

func sees(level v1alpha1.AccessLevel) bool {
	return level == v1alpha1.AccessLevelView || level == v1alpha1.AccessLevelEdit
}

// oneLevel is an access in which one kind has a level, and the others have nothing;
// of an empty kind, all have it.
func oneLevel(kind string, level v1alpha1.AccessLevel) v1alpha1.ProfileAccess {
	at := func(field string) v1alpha1.AccessLevel {
		if kind == "" || kind == field {
			return level
		}
		return v1alpha1.AccessLevelNone
	}
	return v1alpha1.ProfileAccess{
		Members: at("members"), SkillGroups: at("skillGroups"), Teams: at("teams"), Sites: at("sites"), Templates: at("templates"), Profiles: at("profiles"),
	}
}

func TestEveryCellOfEveryGeneratedRole(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	profiles := map[string]*v1alpha1.UserProfile{
		"nothing": env.profile("nothing", oneLevel("", v1alpha1.AccessLevelNone)),
		"sees":    env.profile("sees", oneLevel("", v1alpha1.AccessLevelView)),
		"edits":   env.profile("edits", oneLevel("", v1alpha1.AccessLevelEdit), v1alpha1.ActionResetPassword, v1alpha1.ActionForceOffline, v1alpha1.ActionImport),
		"resets":  env.editing("resets", v1alpha1.ActionResetPassword),
		"forces":  env.editing("forces", v1alpha1.ActionForceOffline),
		"imports": env.editing("imports", v1alpha1.ActionImport),
	}
	for kind := range profileKinds {
		for _, level := range []v1alpha1.AccessLevel{v1alpha1.AccessLevelView, v1alpha1.AccessLevelEdit} {
			name := strings.ToLower(fmt.Sprintf("%s-%s", kind, level))
			profiles[name] = env.profile(name, oneLevel(kind, level))
		}
	}
	env.CreateAll(env.ContactCenterWithIdentity(),
		env.withRole("boss", v1alpha1.RoleDeskAdmin), env.withRole("lead", v1alpha1.RoleSupervisor), env.withRole("agent", v1alpha1.RoleDeskStaff),
		env.withProfile("desk-edits", v1alpha1.RoleDeskStaff, "edits"))
	asked := map[string]map[cell]bool{
		"sam":   given(v1alpha1.RoleSuperAdmin, nil, nil),
		"boss":  given(v1alpha1.RoleDeskAdmin, nil, nil),
		"lead":  given(v1alpha1.RoleSupervisor, nil, nil),
		"agent": {}, "desk-edits": {},
	}
	members := []string{"boss", "lead"}
	for name, profile := range profiles {
		access, actions := profile.Spec.Access, profile.Spec.Actions
		env.CreateAll(profile, env.withProfile("admin-"+name, v1alpha1.RoleDeskAdmin, name), env.withProfile("super-"+name, v1alpha1.RoleSupervisor, name))
		asked["admin-"+name] = given(v1alpha1.RoleDeskAdmin, &access, actions)
		asked["super-"+name] = given(v1alpha1.RoleSupervisor, &access, actions)
		members = append(members, "admin-"+name, "super-"+name)
	}
	env.awaitGranted(append(members, v1alpha1.SuperAdminMemberName)...)
	env.AwaitMember("agent", ready)
	env.AwaitMember("desk-edits", ready)
	for name, want := range asked {
		if want[cell{"rollcall.dev", "members", "", "list"}] {
			env.awaitListing(name, true)
		}
	}
	stop()
	count := 0
	for name, want := range asked {
		got := env.askEveryCell(name)
		count += len(got)
		own := asked["boss"]
		if strings.HasPrefix(name, "super-") {
			own = asked["lead"]
		}
		for c, allowed := range got {
			if allowed != want[c] {
				t.Errorf("%s: %s is allowed: %t", name, c, allowed)
			}
			if allowed && !own[c] && c.verb != "limited" {
				t.Errorf("%s: %s is more than the role gives", name, c)
			}
		}
	}
	t.Logf("%d cells", count)
}

// askEveryCell asks every cell of the API server, as a member.
func (env *environment) askEveryCell(member string) map[cell]bool {
	env.Helper()
	as := env.clientAs(member)
	cells := everyCell()
	answers, problems := make([]bool, len(cells)), make([]error, len(cells))
	const askers = 8
	var done sync.WaitGroup
	for first := range askers {
		done.Go(func() {
			for i := first; i < len(cells); i += askers {
				answers[i], problems[i] = env.canI(as, cells[i])
			}
		})
	}
	done.Wait()
	if err := errors.Join(problems...); err != nil {
		env.Fatal(err)
	}
	found := map[cell]bool{}
	for i, c := range cells {
		found[c] = answers[i]
	}
	return found
}

func (env *environment) canI(as client.Writer, c cell) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
		Namespace: env.Namespace, Verb: c.verb, Group: c.group, Resource: c.resource, Subresource: c.subresource,
	}}}
	err := as.Create(env.Context(), review)
	return review.Status.Allowed, err
}
