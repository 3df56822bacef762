package controllers

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// anasPermissions are those of observedMember as a Desk Admin.
var anasPermissions = permissions{role: clusterRole(v1alpha1.DeskAdminClusterRole), username: "oidc:ana@example.com"}

// anasBinding is a RoleBinding that gives them, with changes.
func anasBinding(change ...func(*bindingFacts)) bindingFacts {
	facts := bindingFacts{
		standing: bindingOurs, uid: "b", labelled: true,
		role: anasPermissions.role, username: anasPermissions.username,
	}
	for _, mutate := range change {
		mutate(&facts)
	}
	return facts
}

func TestPlanBinding(t *testing.T) {
	t.Parallel()
	none := permissions{}
	leftOver := func(b *bindingFacts) { b.standing = bindingLeftOver }
	foreign := func(b *bindingFacts) { b.standing = bindingForeign }
	deleting := func(b *bindingFacts) { b.deleting = true }
	for name, test := range map[string]struct {
		binding bindingFacts
		granted permissions
		want    bindingAction
	}{
		"nothing, and nothing to give":          {bindingFacts{}, none, keepBinding},
		"nothing, and permissions to give":      {bindingFacts{}, anasPermissions, createBinding},
		"exactly what is to be given":           {anasBinding(), anasPermissions, keepBinding},
		"given, and not to be":                  {anasBinding(), none, deleteBinding},
		"the labels are lost":                   {anasBinding(func(b *bindingFacts) { b.labelled = false }), anasPermissions, mendBinding},
		"the labels are lost, and not to be":    {anasBinding(func(b *bindingFacts) { b.labelled = false }), none, deleteBinding},
		"for another user":                      {anasBinding(func(b *bindingFacts) { b.username = "oidc:eve@example.com" }), anasPermissions, mendBinding},
		"for several users, or none":            {anasBinding(func(b *bindingFacts) { b.username = "" }), anasPermissions, mendBinding},
		"of another role":                       {anasBinding(func(b *bindingFacts) { b.role = clusterRole(v1alpha1.SupervisorClusterRole) }), anasPermissions, replaceBinding},
		"of a Role of the ClusterRole's name":   {anasBinding(func(b *bindingFacts) { b.role.kind = "Role" }), anasPermissions, replaceBinding},
		"of no role of RBAC's":                  {anasBinding(func(b *bindingFacts) { b.role = roleName{} }), anasPermissions, replaceBinding},
		"left over, the same":                   {anasBinding(leftOver), anasPermissions, replaceBinding},
		"left over, and not to be":              {anasBinding(leftOver), none, deleteBinding},
		"foreign, the same":                     {anasBinding(foreign), anasPermissions, keepBinding},
		"foreign, another":                      {bindingFacts{standing: bindingForeign}, anasPermissions, keepBinding},
		"foreign, and nothing to give":          {anasBinding(foreign), none, keepBinding},
		"about to go, and not to be":            {anasBinding(deleting), none, deleteBinding},
		"about to go, the same":                 {anasBinding(deleting), anasPermissions, keepBinding},
		"about to go, of another role":          {anasBinding(deleting, func(b *bindingFacts) { b.role = roleName{} }), anasPermissions, deleteBinding},
		"about to go, given to nobody":          {anasBinding(deleting, func(b *bindingFacts) { b.empty, b.username = true, "" }), none, keepBinding},
		"the same, and permissions to give":     {anasBinding(deleting, func(b *bindingFacts) { b.empty, b.username = true, "" }), anasPermissions, keepBinding},
		"about to go, foreign, nothing to give": {anasBinding(deleting, foreign), none, keepBinding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := planBinding(test.binding, test.granted); got != test.want {
				t.Errorf("planBinding = %d, not %d", got, test.want)
			}
		})
	}
}

// administrator makes observedMember a Desk Admin whose login is allowed, in a
// contact centre where that means something.
func administrator(o *memberObservation) {
	o.member.Spec.Role, o.role = v1alpha1.RoleDeskAdmin, v1alpha1.RoleDeskAdmin
	o.member.Status.Login = v1alpha1.LoginAllowed
	o.identity = &v1alpha1.Identity{UsernamePrefix: "oidc:"}
}

// licensing has the contact centre have licences, and the Member hold one.
func licensing(held v1alpha1.LicenseTier) func(*memberObservation) {
	return func(o *memberObservation) { o.license = licenseFacts{on: true, held: held} }
}

func TestPermissionsComeAfterLoginIsAllowedAndGoBeforeItIsDenied(t *testing.T) {
	t.Parallel()
	role := func(role v1alpha1.Role) func(*memberObservation) {
		return func(o *memberObservation) { o.member.Spec.Role, o.role = role, role }
	}
	secret := func(secret secretFacts) func(*memberObservation) {
		return func(o *memberObservation) { o.secret = secret }
	}
	later, earlier := metav1.NewTime(at.Add(1)), metav1.NewTime(at)
	for name, test := range map[string]struct {
		change []func(*memberObservation)
		secret secretAction
		want   string
	}{
		"a Desk Admin":              {nil, keepSecret, v1alpha1.DeskAdminClusterRole},
		"a Super Admin":             {of(role(v1alpha1.RoleSuperAdmin)), keepSecret, v1alpha1.SuperAdminClusterRole},
		"a Supervisor":              {of(role(v1alpha1.RoleSupervisor)), keepSecret, v1alpha1.SupervisorClusterRole},
		"Desk Staff":                {of(role(v1alpha1.RoleDeskStaff)), keepSecret, ""},
		"no role":                   {of(role("")), keepSecret, ""},
		"a role of a later version": {of(role("Owner")), keepSecret, ""},
		"Desk Staff, by a template's word a Supervisor": {of(role(v1alpha1.RoleDeskStaff), func(o *memberObservation) { o.role = v1alpha1.RoleSupervisor }), keepSecret, v1alpha1.SupervisorClusterRole},
		"without a licence, an administrator":           {of(licensing("")), keepSecret, v1alpha1.DeskAdminClusterRole},
		"without a licence, a Supervisor":               {of(role(v1alpha1.RoleSupervisor), licensing("")), keepSecret, ""},
		"with another licence, a Supervisor":            {of(role(v1alpha1.RoleSupervisor), licensing(v1alpha1.TierStandard)), keepSecret, ""},
		"with the licence, a Supervisor":                {of(role(v1alpha1.RoleSupervisor), licensing(v1alpha1.TierPremium)), keepSecret, v1alpha1.SupervisorClusterRole},
		"no identity":                                   {of(func(o *memberObservation) { o.identity = nil }), keepSecret, ""},
		"login not allowed yet":                         {of(func(o *memberObservation) { o.member.Status.Login = "" }), keepSecret, ""},
		"login denied so far":                           {of(func(o *memberObservation) { o.member.Status.Login = v1alpha1.LoginDenied }), keepSecret, ""},
		"forced offline now":                            {of(func(o *memberObservation) { o.member.Spec.ForceOffline = true }), keepSecret, ""},
		"forced offline until later":                    {of(func(o *memberObservation) { o.member.Spec.ForceOfflineUntil = &later }), keepSecret, ""},
		"forced offline until now":                      {of(func(o *memberObservation) { o.member.Spec.ForceOfflineUntil = &earlier }), keepSecret, v1alpha1.DeskAdminClusterRole},
		"inactive now":                                  {of(func(o *memberObservation) { o.member.Spec.Active = new(false) }), keepSecret, ""},
		"a leaver":                                      {of(func(o *memberObservation) { o.member.DeletionTimestamp = &earlier }), keepSecret, ""},
		"a duplicate":                                   {of(func(o *memberObservation) { o.claims.Email = "" }), keepSecret, ""},
		"no Secret, and none to be made":                {of(secret(secretFacts{})), keepSecret, ""},
		"no Secret, and one to be made":                 {of(secret(secretFacts{})), createSecret, v1alpha1.DeskAdminClusterRole},
		"a Secret that was edited":                      {of(secret(secretFacts{standing: secretOurs, issueID: "one"})), replacePassword, v1alpha1.DeskAdminClusterRole},
		"an edited one that stays":                      {of(secret(secretFacts{standing: secretOurs, issueID: "one"})), keepSecret, ""},
		"an immutable one, made anew":                   {of(secret(secretFacts{standing: secretOurs, immutable: true})), recreateSecret, v1alpha1.DeskAdminClusterRole},
		"an orphan that is adopted":                     {of(secret(secretFacts{standing: secretOrphaned})), adoptSecret, v1alpha1.DeskAdminClusterRole},
		"a foreign Secret":                              {of(secret(secretFacts{standing: secretForeign})), keepSecret, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := permissions{}
			if test.want != "" {
				want = permissions{role: clusterRole(test.want), username: "oidc:ana@example.com"}
			}
			observed := observedMember(append(of(administrator), test.change...)...)
			if got := grantedPermissions(observed, test.secret); got != want {
				t.Errorf("grantedPermissions = %+v, not %+v", got, want)
			}
		})
	}
}
