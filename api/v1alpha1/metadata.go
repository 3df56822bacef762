package v1alpha1

// Names with a meaning in Rollcall.
const (
	// ContactCenterName is the only name that a ContactCenter can have.
	ContactCenterName = "default"
	// SuperAdminMemberName is the name of the Member that the operator creates
	// from ContactCenter.spec.superAdmin.
	SuperAdminMemberName = "super-admin"
	// CredentialsSecretSuffix follows a Member's name in the name of the Secret
	// with its user name and password.
	CredentialsSecretSuffix = "-credentials"
	// RoleBindingPrefix precedes a Member's name in the name of the RoleBinding
	// that grants the permissions of its role.
	RoleBindingPrefix = "rollcall-member-"
	// ProfileRolePrefix precedes a UserProfile's name in the name of the Role
	// for administrators with the profile.
	ProfileRolePrefix = "rollcall-profile-"
	// SupervisorProfileRolePrefix precedes a UserProfile's name in the name of
	// the Role for Supervisors with the profile.
	SupervisorProfileRolePrefix = "rollcall-supervisor-profile-"
)

// ClusterRoles with the permissions of the roles at the API server. They are
// part of the installation. The operator can bind only these ClusterRoles.
const (
	// SuperAdminClusterRole is for RoleSuperAdmin.
	SuperAdminClusterRole = "rollcall-super-admin"
	// DeskAdminClusterRole is for RoleDeskAdmin.
	DeskAdminClusterRole = "rollcall-desk-admin"
	// SupervisorClusterRole is for RoleSupervisor.
	SupervisorClusterRole = "rollcall-supervisor"
)

// Labels of the Secrets, RoleBindings and Roles that Rollcall creates.
const (
	// ManagedByLabel is the recommended Kubernetes label for the program that
	// manages an object. Rollcall watches only the Secrets, RoleBindings and
	// Roles on which it has ManagedByValue.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedByValue is the value of ManagedByLabel on what Rollcall creates.
	ManagedByValue = "rollcall"
	// MemberLabel holds the name of the Member that an object belongs to.
	MemberLabel = "rollcall.dev/member"
	// UserProfileLabel holds the name of the UserProfile that a Role belongs
	// to.
	UserProfileLabel = "rollcall.dev/user-profile"
)

// RBAC verbs on members and userprofiles that no HTTP request has. The
// admission policy rollcall-profile-actions checks them, because RBAC cannot
// tell the fields of an object apart.
const (
	// VerbLimited, on members, marks users whose permissions come from a
	// UserProfile. The policy checks the other verbs only for these users.
	VerbLimited = "limited"
	// VerbResetPassword, on members, allows ActionResetPassword.
	VerbResetPassword = "reset-password"
	// VerbForceOffline, on members, allows ActionForceOffline.
	VerbForceOffline = "force-offline"
	// VerbImport, on members, allows ActionImport.
	VerbImport = "import"
	// VerbAssign, on userprofiles, allows assigning user profiles and the role
	// DeskAdmin.
	VerbAssign = "assign"
)

// Annotations of the Secrets that Rollcall creates. Their values are not
// secret.
const (
	// IssueIDAnnotation identifies one password: 128 random bits in
	// hexadecimal.
	IssueIDAnnotation = "rollcall.dev/issue-id"
	// IssueAnnotation counts the passwords of a Member, starting at 1.
	IssueAnnotation = "rollcall.dev/issue"
	// IssuedForAnnotation is the reason for issuing the password: IssuedFirst,
	// IssuedForReset or IssuedForRepair.
	IssuedForAnnotation = "rollcall.dev/issued-for"
	// PasswordResetAnnotation is the value of spec.passwordReset that the
	// password in the Secret answers. It is absent if there was none yet.
	PasswordResetAnnotation = "rollcall.dev/password-reset" //nolint:gosec // the name of an annotation, no credential
	// AdoptedAnnotation is the issue ID of a password that was restored from a
	// backup with its Secret. The password was e-mailed before the backup.
	AdoptedAnnotation = "rollcall.dev/adopted"
	// ChecksumAnnotation is the SHA-256 over the length-prefixed issue ID, user
	// name and password, in hexadecimal. It detects accidents, such as a Secret
	// edited by hand. It does not protect against an attacker with write access
	// to Secrets.
	ChecksumAnnotation = "rollcall.dev/checksum"
)

// Values of IssuedForAnnotation.
const (
	// IssuedFirst is the first password of a Member.
	IssuedFirst = "first"
	// IssuedForReset answers spec.passwordReset.
	IssuedForReset = "reset"
	// IssuedForRepair replaces a password whose Secret was deleted or edited by
	// hand.
	IssuedForRepair = "repair"
)

// Labels of Members.
const (
	// ImportedByLabel marks a Member that a program imported from a row of a
	// sheet, and names the program. An import with --mode=sync deletes only Members
	// that carry the name of the importing program.
	ImportedByLabel = "rollcall.dev/imported-by"
	// ImportedByValue is the value of ImportedByLabel on Members that kubectl
	// member imports.
	ImportedByValue = "kubectl-member"
)
