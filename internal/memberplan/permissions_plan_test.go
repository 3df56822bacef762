package memberplan

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/ownership"
)

// anasPermissions are the permissions of observedMember as a Desk Admin.
var anasPermissions = Permissions{Role: clusterRole(v1alpha1.DeskAdminClusterRole), Username: "oidc:ana@example.com"}

// anasBinding returns a RoleBinding that grants anasPermissions, with changes.
func anasBinding(change ...func(*Binding)) Binding {
	facts := Binding{
		Ownership: ownership.Ours, Labeled: true,
		Role: anasPermissions.Role, Username: anasPermissions.Username,
	}
	for _, mutate := range change {
		mutate(&facts)
	}
	return facts
}

func TestPlanBindingReturnsTheActionForTheRoleBinding(t *testing.T) {
	t.Parallel()
	none := Permissions{}
	predecessors := func(b *Binding) { b.Ownership = ownership.Predecessors }
	foreign := func(b *Binding) { b.Ownership = ownership.Foreign }
	deleting := func(b *Binding) { b.Deleting = true }
	for name, test := range map[string]struct {
		binding Binding
		granted Permissions
		want    BindingAction
	}{
		"absent, nothing to grant":                     {Binding{}, none, KeepBinding},
		"absent, permissions to grant":                 {Binding{}, anasPermissions, CreateBinding},
		"grants exactly the permissions":               {anasBinding(), anasPermissions, KeepBinding},
		"granted, nothing to grant":                    {anasBinding(), none, DeleteBinding},
		"lost labels":                                  {anasBinding(func(b *Binding) { b.Labeled = false }), anasPermissions, RepairBinding},
		"lost labels, nothing to grant":                {anasBinding(func(b *Binding) { b.Labeled = false }), none, DeleteBinding},
		"for another user":                             {anasBinding(func(b *Binding) { b.Username = "oidc:eve@example.com" }), anasPermissions, RepairBinding},
		"for several users, or for none":               {anasBinding(func(b *Binding) { b.Username = "" }), anasPermissions, RepairBinding},
		"for another role":                             {anasBinding(func(b *Binding) { b.Role = clusterRole(v1alpha1.SupervisorClusterRole) }), anasPermissions, ReplaceBinding},
		"for a Role with the ClusterRole's name":       {anasBinding(func(b *Binding) { b.Role.Kind = "Role" }), anasPermissions, ReplaceBinding},
		"for a role that is not from RBAC":             {anasBinding(func(b *Binding) { b.Role = RoleRef{} }), anasPermissions, ReplaceBinding},
		"from a predecessor":                           {anasBinding(predecessors), anasPermissions, ReplaceBinding},
		"from a predecessor, nothing to grant":         {anasBinding(predecessors), none, DeleteBinding},
		"foreign, same permissions":                    {anasBinding(foreign), anasPermissions, KeepBinding},
		"foreign, other permissions":                   {Binding{Ownership: ownership.Foreign}, anasPermissions, KeepBinding},
		"foreign, nothing to grant":                    {anasBinding(foreign), none, KeepBinding},
		"being deleted, nothing to grant":              {anasBinding(deleting), none, DeleteBinding},
		"being deleted, same permissions":              {anasBinding(deleting), anasPermissions, KeepBinding},
		"being deleted, for another role":              {anasBinding(deleting, func(b *Binding) { b.Role = RoleRef{} }), anasPermissions, DeleteBinding},
		"being deleted, for no user, nothing to grant": {anasBinding(deleting, func(b *Binding) { b.Empty, b.Username = true, "" }), none, KeepBinding},
		"being deleted, for no user":                   {anasBinding(deleting, func(b *Binding) { b.Empty, b.Username = true, "" }), anasPermissions, KeepBinding},
		"being deleted, foreign, nothing to grant":     {anasBinding(deleting, foreign), none, KeepBinding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := PlanBinding(test.binding, test.granted); got != test.want {
				t.Errorf("PlanBinding() = %d, want %d", got, test.want)
			}
		})
	}
}

// administrator makes observedMember a Desk Admin whose login is allowed, in a contact center
// where members get permissions.
func administrator(o *Observation) {
	o.Member.Spec.Role, o.Role = v1alpha1.RoleDeskAdmin, v1alpha1.RoleDeskAdmin
	o.Member.Status.Login = v1alpha1.LoginAllowed
	o.Identity = &v1alpha1.Identity{UsernamePrefix: "oidc:"}
}

// licensed gives the contact center licenses, and the Member a seat; an empty tier means none.
func licensed(held v1alpha1.LicenseTier) func(*Observation) {
	return func(o *Observation) { o.License = License{Enabled: true, Held: held} }
}

func TestPermissionsAreGrantedAfterLoginIsAllowedAndRevokedBeforeItIsDenied(t *testing.T) {
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
		"Desk Staff that a template makes a Supervisor": {of(role(v1alpha1.RoleDeskStaff), func(o *Observation) { o.Role = v1alpha1.RoleSupervisor }), KeepSecret, v1alpha1.SupervisorClusterRole},
		"an administrator without a license":            {of(licensed("")), KeepSecret, v1alpha1.DeskAdminClusterRole},
		"a Supervisor without a license":                {of(role(v1alpha1.RoleSupervisor), licensed("")), KeepSecret, ""},
		"a Supervisor with another license":             {of(role(v1alpha1.RoleSupervisor), licensed(v1alpha1.TierStandard)), KeepSecret, ""},
		"a Supervisor with the license":                 {of(role(v1alpha1.RoleSupervisor), licensed(v1alpha1.TierPremium)), KeepSecret, v1alpha1.SupervisorClusterRole},
		"no identity":                                   {of(func(o *Observation) { o.Identity = nil }), KeepSecret, ""},
		"login not allowed yet":                         {of(func(o *Observation) { o.Member.Status.Login = "" }), KeepSecret, ""},
		"login still denied":                            {of(func(o *Observation) { o.Member.Status.Login = v1alpha1.LoginDenied }), KeepSecret, ""},
		"forced offline now":                            {of(func(o *Observation) { o.Member.Spec.ForceOffline = true }), KeepSecret, ""},
		"forced offline until later":                    {of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &later }), KeepSecret, ""},
		"forced offline until now":                      {of(func(o *Observation) { o.Member.Spec.ForceOfflineUntil = &earlier }), KeepSecret, v1alpha1.DeskAdminClusterRole},
		"inactive now":                                  {of(func(o *Observation) { o.Member.Spec.Active = new(false) }), KeepSecret, ""},
		"a Member being deleted":                        {of(func(o *Observation) { o.Member.DeletionTimestamp = &earlier }), KeepSecret, ""},
		"a duplicate":                                   {of(func(o *Observation) { o.Claims.Email = "" }), KeepSecret, ""},
		"no Secret, and none is created":                {of(secret(credentials.Facts{})), KeepSecret, ""},
		"no Secret, but one is created":                 {of(secret(credentials.Facts{})), CreateSecret, v1alpha1.DeskAdminClusterRole},
		"an edited Secret is replaced":                  {of(secret(credentials.Facts{Ownership: ownership.Ours, IssueID: "one"})), ReplacePassword, v1alpha1.DeskAdminClusterRole},
		"an edited Secret stays":                        {of(secret(credentials.Facts{Ownership: ownership.Ours, IssueID: "one"})), KeepSecret, ""},
		"an immutable Secret is recreated":              {of(secret(credentials.Facts{Ownership: ownership.Ours, Immutable: true})), RecreateSecret, v1alpha1.DeskAdminClusterRole},
		"an orphaned Secret is adopted":                 {of(secret(credentials.Facts{Ownership: ownership.Orphaned})), AdoptSecret, v1alpha1.DeskAdminClusterRole},
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
				t.Errorf("grantedPermissions() = %+v, want %+v", got, want)
			}
		})
	}
}
