package v1alpha1

// Names that mean something to Rollcall.
const (
	// ContactCenterName is the one name that a ContactCenter may have.
	ContactCenterName = "default"
	// SuperAdminMemberName is the name of the Member that the operator makes
	// from ContactCenter.spec.superAdmin.
	SuperAdminMemberName = "super-admin"
	// CredentialsSecretSuffix, appended to a Member's name, is the name of the
	// Secret with the Member's user name and password.
	CredentialsSecretSuffix = "-credentials"
	// RoleBindingPrefix, before a Member's name, is the name of the RoleBinding
	// that gives the Member the permissions of its role.
	RoleBindingPrefix = "rollcall-member-"
	// ProfileRolePrefix, before a UserProfile's name, is the name of the Role with
	// what administrators with the profile may do.
	ProfileRolePrefix = "rollcall-profile-"
	// SupervisorProfileRolePrefix, before a UserProfile's name, is the name of the
	// Role with what Supervisors with the profile may do.
	SupervisorProfileRolePrefix = "rollcall-supervisor-profile-"
)

// ClusterRoles that say what a role may do at the API server. They are part of
// the installation, and the operator may bind these and no others.
const (
	// SuperAdminClusterRole is for RoleSuperAdmin.
	SuperAdminClusterRole = "rollcall-super-admin"
	// DeskAdminClusterRole is for RoleDeskAdmin.
	DeskAdminClusterRole = "rollcall-desk-admin"
	// SupervisorClusterRole is for RoleSupervisor.
	SupervisorClusterRole = "rollcall-supervisor"
)

// Labels of the Secrets and RoleBindings that Rollcall makes.
const (
	// ManagedByLabel is the recommended Kubernetes label for the program that
	// manages an object. Rollcall watches only the Secrets and RoleBindings on
	// which it has ManagedByValue.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedByValue is the value of ManagedByLabel on what Rollcall makes.
	ManagedByValue = "rollcall"
	// MemberLabel holds the name of the Member that it belongs to.
	MemberLabel = "rollcall.dev/member"
	// UserProfileLabel holds the name of the UserProfile that a Role belongs to.
	UserProfileLabel = "rollcall.dev/user-profile"
)

// Verbs on members and userprofiles that RBAC gives and no HTTP request has: the
// admission policy rollcall-profile-actions asks for them where a field is changed
// that a verb on the whole object cannot tell from others.
const (
	// VerbLimited, on members, marks whose permissions come from a UserProfile: for
	// them, and for nobody else, the policy asks for the other verbs.
	VerbLimited = "limited"
	// VerbResetPassword, on members, is for ActionResetPassword.
	VerbResetPassword = "reset-password"
	// VerbForceOffline, on members, is for ActionForceOffline.
	VerbForceOffline = "force-offline"
	// VerbImport, on members, is for ActionImport.
	VerbImport = "import"
	// VerbAssign, on userprofiles, is for saying who has which profile, and who is a
	// Desk Admin.
	VerbAssign = "assign"
)

// Annotations of the Secrets that Rollcall makes. None of them is secret.
const (
	// IssueIDAnnotation names one password: 128 random bits, in hexadecimal.
	IssueIDAnnotation = "rollcall.dev/issue-id"
	// IssueAnnotation counts a Member's passwords, from 1.
	IssueAnnotation = "rollcall.dev/issue"
	// IssuedForAnnotation is why the password was issued: IssuedFirst,
	// IssuedForReset or IssuedForRepair.
	IssuedForAnnotation = "rollcall.dev/issued-for"
	// PasswordResetAnnotation is the value of spec.passwordReset that the
	// password in the Secret has answered; absent if there was none yet.
	PasswordResetAnnotation = "rollcall.dev/password-reset" //nolint:gosec // the name of an annotation, no credential
	// AdoptedAnnotation is the issue ID of a password that came back from a
	// backup with its Secret: it was mailed in its former life.
	AdoptedAnnotation = "rollcall.dev/adopted"
	// ChecksumAnnotation is the SHA-256 over the length-prefixed issue ID, user
	// name and password, in hexadecimal. It finds accidents, such as a Secret
	// edited by hand; it does not protect from somebody who may write Secrets.
	ChecksumAnnotation = "rollcall.dev/checksum"
)

// Values of IssuedForAnnotation.
const (
	// IssuedFirst is the first password of a Member.
	IssuedFirst = "first"
	// IssuedForReset answers spec.passwordReset.
	IssuedForReset = "reset"
	// IssuedForRepair replaces one whose Secret was deleted or changed by hand.
	IssuedForRepair = "repair"
)

// Labels of Members.
const (
	// ImportedByLabel is on a Member that an import made from a row of a sheet, and
	// names the program. An import that makes a contact centre the same as its
	// sheet deletes no Members but those with its own name here.
	ImportedByLabel = "rollcall.dev/imported-by"
	// ImportedByValue is the value of ImportedByLabel on what kubectl member makes.
	ImportedByValue = "kubectl-member"
)
