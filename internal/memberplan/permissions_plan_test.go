package memberplan

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/ownership"
)

// anasPermissions are those of observedMember as a Desk Admin.
var anasPermissions = Permissions{Role: clusterRole(v1alpha1.DeskAdminClusterRole), Username: "oidc:ana@example.com"}

// anasBinding is a RoleBinding that gives them, with changes.
func anasBinding(change ...func(*Binding)) Binding {
	facts := Binding{
		Ownership: ownership.Ours, UID: "b", Labeled: true,
		Role: anasPermissions.Role, Username: anasPermissions.Username,
	}
	for _, mutate := range change {
		mutate(&facts)
	}
	return facts
}

func TestPlanBinding(t *testing.T) {
	t.Parallel()
	none := Permissions{}
	leftOver := func(b *Binding) { b.Ownership = ownership.Predecessors }
	foreign := func(b *Binding) { b.Ownership = ownership.Foreign }
	deleting := func(b *Binding) { b.Deleting = true }
	for name, test := range map[string]struct {
		binding Binding
		granted Permissions
		want    BindingAction
	}{
		"nothing, and nothing to give":          {Binding{}, none, KeepBinding},
		"nothing, and permissions to give":      {Binding{}, anasPermissions, CreateBinding},
		"exactly what is to be given":           {anasBinding(), anasPermissions, KeepBinding},
		"given, and not to be":                  {anasBinding(), none, DeleteBinding},
		"the labels are lost":                   {anasBinding(func(b *Binding) { b.Labeled = false }), anasPermissions, RepairBinding},
		"the labels are lost, and not to be":    {anasBinding(func(b *Binding) { b.Labeled = false }), none, DeleteBinding},
		"for another user":                      {anasBinding(func(b *Binding) { b.Username = "oidc:eve@example.com" }), anasPermissions, RepairBinding},
		"for several users, or none":            {anasBinding(func(b *Binding) { b.Username = "" }), anasPermissions, RepairBinding},
		"of another role":                       {anasBinding(func(b *Binding) { b.Role = clusterRole(v1alpha1.SupervisorClusterRole) }), anasPermissions, ReplaceBinding},
		"of a Role of the ClusterRole's name":   {anasBinding(func(b *Binding) { b.Role.Kind = "Role" }), anasPermissions, ReplaceBinding},
		"of no role of RBAC's":                  {anasBinding(func(b *Binding) { b.Role = RoleRef{} }), anasPermissions, ReplaceBinding},
		"left over, the same":                   {anasBinding(leftOver), anasPermissions, ReplaceBinding},
		"left over, and not to be":              {anasBinding(leftOver), none, DeleteBinding},
		"foreign, the same":                     {anasBinding(foreign), anasPermissions, KeepBinding},
		"foreign, another":                      {Binding{Ownership: ownership.Foreign}, anasPermissions, KeepBinding},
		"foreign, and nothing to give":          {anasBinding(foreign), none, KeepBinding},
		"about to go, and not to be":            {anasBinding(deleting), none, DeleteBinding},
		"about to go, the same":                 {anasBinding(deleting), anasPermissions, KeepBinding},
		"about to go, of another role":          {anasBinding(deleting, func(b *Binding) { b.Role = RoleRef{} }), anasPermissions, DeleteBinding},
		"about to go, given to nobody":          {anasBinding(deleting, func(b *Binding) { b.Empty, b.Username = true, "" }), none, KeepBinding},
		"the same, and permissions to give":     {anasBinding(deleting, func(b *Binding) { b.Empty, b.Username = true, "" }), anasPermissions, KeepBinding},
		"about to go, foreign, nothing to give": {anasBinding(deleting, foreign), none, KeepBinding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := PlanBinding(test.binding, test.granted); got != test.want {
				t.Errorf("planBinding = %d, not %d", got, test.want)
			}
		})
	}
}

// administrator makes observedMember a Desk Admin whose login is allowed, in a
// contact centre where that means something.
func administrator(o *Observation) {
	o.Member.Spec.Role, o.Role = v1alpha1.RoleDeskAdmin, v1alpha1.RoleDeskAdmin
	o.Member.Status.Login = v1alpha1.LoginAllowed
	o.Identity = &v1alpha1.Identity{UsernamePrefix: "oidc:"}
}

// licensing has the contact centre have licences, and the Member hold one.
func licensing(held v1alpha1.LicenseTier) func(*Observation) {
	return func(o *Observation) { o.License = License{Enabled: true, Held: held} }
}

func TestPermissionsComeAfterLoginIsAllowedAndGoBeforeItIsDenied(t *testing.T) {
	t.Parallel()
	role := func(role v1alpha1.Role) func(*Observation) {
		return func(o *Observation) { o.Member.Spec.Role, o.Role = role, role }
	}
	secret := func(secret credentials.Facts) func(*Observation) {
		return func(o *Observation) { o.Secret = secret }
	}
	later, earlier := metav1.NewTime(at.Add(1)), metav1.NewTime(at)
	for name, test := range map[string]struct {
		change []func(*Observation)
		secret SecretAction
		want   string
	}{
		"a Desk Admin":              {nil, KeepSecret, v1alpha1.DeskAdminClusterRole},
		"a Super Admin":             {of(role(v1alpha1.RoleSuperAdmin)), KeepSecret, v1alpha1.SuperAdminClusterRole},
		"a Supervisor":              {of(role(v1alpha1.RoleSupervisor)), KeepSecret, v1alpha1.SupervisorClusterRole},
		"Desk Staff":                {of(role(v1alpha1.RoleDeskStaff)), KeepSecret, ""},
		"no role":                   {of(role("")), KeepSecret, ""},
		"a role of a later version": {of(role("Owner")), KeepSecret, ""},
		"Desk Staff, by a template's word a Supervisor": {of(role(v1alpha1.RoleDeskStaff), func(o *Observation) { o.Role = v1alpha1.RoleSupervisor }), KeepSecret, v1alpha1.SupervisorClusterRole},
		"without a licence, an administrator":           {of(licensing("")), KeepSecret, v1alpha1.DeskAdminClusterRole},
		"without a licence, a Supervisor":               {of(role(v1alpha1.RoleSupervisor), licensing("")), KeepSecret, ""},
		"with another licence, a Supervisor":            {of(role(v1alpha1.RoleSupervisor), licensing(v1alpha1.TierStandard)), KeepSecret, ""},
		"with the licence, a Supervisor":                {of(role(v1alpha1.RoleSupervisor), licensing(v1alpha1.TierPremium)), KeepSecret, v1alpha1.SupervisorClusterRole},
		"no identity":                                   {of(func(o *Observation) { o.Identity = nil }), KeepSecret, ""},
		"login not allowed yet":                         {of(func(o *Observation) { o.Member.Status.Login = "" }), KeepSecret, ""},
		"login denied so far":                           {of(func(o *Observation) { o.Member.Status.Login = v1alpha1.LoginDenied }), KeepSecret, ""},
		"forced offline now":                            {of(func(o *Observation) { o.Member.Spec.ForceOffline = true }), KeepSecret, ""},
		"forced offline until later":                    {of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &later }), KeepSecret, ""},
		"forced offline until now":                      {of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &earlier }), KeepSecret, v1alpha1.DeskAdminClusterRole},
		"inactive now":                                  {of(func(o *Observation) { o.Member.Spec.Active = new(false) }), KeepSecret, ""},
		"a leaver":                                      {of(func(o *Observation) { o.Member.DeletionTimestamp = &earlier }), KeepSecret, ""},
		"a duplicate":                                   {of(func(o *Observation) { o.Claims.Email = "" }), KeepSecret, ""},
		"no Secret, and none to be made":                {of(secret(credentials.Facts{})), KeepSecret, ""},
		"no Secret, and one to be made":                 {of(secret(credentials.Facts{})), CreateSecret, v1alpha1.DeskAdminClusterRole},
		"a Secret that was edited":                      {of(secret(credentials.Facts{Ownership: ownership.Ours, IssueID: "one"})), ReplacePassword, v1alpha1.DeskAdminClusterRole},
		"an edited one that stays":                      {of(secret(credentials.Facts{Ownership: ownership.Ours, IssueID: "one"})), KeepSecret, ""},
		"an immutable one, made anew":                   {of(secret(credentials.Facts{Ownership: ownership.Ours, Immutable: true})), RecreateSecret, v1alpha1.DeskAdminClusterRole},
		"an orphan that is adopted":                     {of(secret(credentials.Facts{Ownership: ownership.Orphaned})), AdoptSecret, v1alpha1.DeskAdminClusterRole},
		"a foreign Secret":                              {of(secret(credentials.Facts{Ownership: ownership.Foreign})), KeepSecret, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := Permissions{}
			if test.want != "" {
				want = Permissions{Role: clusterRole(test.want), Username: "oidc:ana@example.com"}
			}
			observed := observedMember(append(of(administrator), test.change...)...)
			if got := observed.grantedPermissions(test.secret); got != want {
				t.Errorf("grantedPermissions = %+v, not %+v", got, want)
			}
		})
	}
}
