package v1alpha1

// Condition types. After the operator has processed an object, its conditions
// are always present, unless a comment below says otherwise. True is the
// healthy value of every condition but StalledCondition.
const (
	// ReadyCondition summarizes an object. It is True when everything that the
	// spec requests is in place. Every resource kind has it.
	ReadyCondition = "Ready"
	// StalledCondition is True when the object cannot become ready until a user
	// changes something, and absent otherwise. Every resource kind but
	// ContactCenter and DesktopProfile has it.
	StalledCondition = "Stalled"
	// MailReadyCondition on a ContactCenter is True when the mail server
	// answered and accepted TLS, AUTH and the sender address.
	MailReadyCondition = "MailReady"
	// CredentialsIssuedCondition on a Member is True when the Member's Secret
	// holds the current password.
	CredentialsIssuedCondition = "CredentialsIssued"
	// PasswordMailedCondition on a Member is True when the mail server accepted
	// the e-mail with the current password.
	PasswordMailedCondition = "PasswordMailed"
	// LoginAllowedCondition on a Member matches status.login.
	LoginAllowedCondition = "LoginAllowed"
	// SkillGroupsJoinedCondition on a Member is True when every SkillGroup that
	// the Member names exists.
	SkillGroupsJoinedCondition = "SkillGroupsJoined"
	// PermissionsGrantedCondition on a Member is True while the Member's
	// RoleBinding grants the permissions of the role, restricted by the user
	// profile. It is present only if the ContactCenter sets spec.identity and
	// the role and the profile have permissions.
	PermissionsGrantedCondition = "PermissionsGranted"
	// LicenseAssignedCondition on a Member is True while the Member holds the
	// seat that it asks for. It is present only if the ContactCenter sets
	// spec.licenses.
	LicenseAssignedCondition = "LicenseAssigned"
	// PlacementResolvedCondition on a Member is True when the Member's site,
	// teams and profiles exist and fit together. It is present only if at least
	// one of them is requested.
	PlacementResolvedCondition = "PlacementResolved"
)

// Reasons of the conditions of a Member. The reasons of LoginAllowedCondition
// are the values of LoginReason.
const (
	// ReasonIssued: the Secret holds the current password.
	ReasonIssued = "Issued"
	// ReasonSecretConflict: a foreign Secret has the name that the credentials
	// need. The operator never changes it, and checks again every minute.
	ReasonSecretConflict = "SecretConflict"
	// ReasonDuplicate: another Member holds this e-mail address.
	ReasonDuplicate = "Duplicate"
	// ReasonNoContactCenter: the namespace has no ContactCenter, so the
	// operator issues no password and sends no e-mail.
	ReasonNoContactCenter = "NoContactCenter"
	// ReasonDeleting: the object is being deleted.
	ReasonDeleting = "Deleting"
	// ReasonNotIssued: there is no valid password yet.
	ReasonNotIssued = "NotIssued"

	// ReasonMailed: the mail server accepted the e-mail.
	ReasonMailed = "Mailed"
	// ReasonAdopted: the Secret was restored from a backup with its password.
	// The operator kept the password and did not send it again.
	ReasonAdopted = "Adopted"
	// ReasonPending: the e-mail is queued, or the RoleBinding is about to be
	// written.
	ReasonPending = "Pending"
	// ReasonRetrying: the mail server could not accept the e-mail yet. The
	// operator retries automatically.
	ReasonRetrying = "Retrying"
	// ReasonHeld: the spec denies login, there is no license, or the Member is
	// being deleted, so the e-mail waits.
	ReasonHeld = "Held"
	// ReasonRejected: the mail server permanently rejected the recipient or the
	// e-mail. The operator retries once after each change of the mail settings,
	// and after a reset.
	ReasonRejected = "Rejected"
	// ReasonMailNotConfigured: the ContactCenter has no spec.mail.
	ReasonMailNotConfigured = "MailNotConfigured"

	// ReasonJoined: every SkillGroup that the Member names exists.
	ReasonJoined = "Joined"
	// ReasonSkillGroupNotFound: a SkillGroup that the Member names does not
	// exist.
	ReasonSkillGroupNotFound = "SkillGroupNotFound"

	// ReasonGranted: the RoleBinding grants the permissions of the role.
	ReasonGranted = "Granted"
	// ReasonLoginDenied: the member has no permissions while login is denied.
	ReasonLoginDenied = "LoginDenied"
	// ReasonNotGranted: the RoleBinding could not be written.
	ReasonNotGranted = "NotGranted"
	// ReasonNotRevoked: the RoleBinding must be deleted, but deleting it
	// failed.
	ReasonNotRevoked = "NotRevoked"
	// ReasonRoleBindingConflict: a foreign RoleBinding has the name that the
	// Member needs. The operator never changes it, and checks again every
	// minute.
	ReasonRoleBindingConflict = "RoleBindingConflict"

	// ReasonAssigned: the Member holds the seat that it asks for.
	ReasonAssigned = "Assigned"
	// ReasonNoSeat: no seat is free. The Member gets the next free one
	// automatically.
	ReasonNoSeat = "NoSeat"
	// ReasonNotRequested: no license that fits the Member's role is requested,
	// or the spec requests None.
	ReasonNotRequested = "NotRequested"

	// ReasonResolved: the site, the teams and the profiles exist and fit
	// together.
	ReasonResolved = "Resolved"
	// ReasonSiteNotFound: the site does not exist.
	ReasonSiteNotFound = "SiteNotFound"
	// ReasonTeamNotFound: a team does not exist.
	ReasonTeamNotFound = "TeamNotFound"
	// ReasonTeamNotAtSite: a team is at a different site than the member.
	ReasonTeamNotAtSite = "TeamNotAtSite"
	// ReasonTeamTakesNoMembers: a team has the type Capacity, or is not active.
	ReasonTeamTakesNoMembers = "TeamTakesNoMembers"
	// ReasonProfileNotFound: a user profile or a desktop profile does not
	// exist. Without its user profile, a member has no permissions at the API
	// server, as PermissionsGranted also says.
	ReasonProfileNotFound = "ProfileNotFound"

	// ReasonReady: everything that the spec requests is in place.
	ReasonReady = "Ready"
	// ReasonDuplicateAgentID: another Member holds this agent ID.
	ReasonDuplicateAgentID = "DuplicateAgentID"
	// ReasonDuplicateExtension: another Member holds this extension.
	ReasonDuplicateExtension = "DuplicateExtension"
)

// Reasons of MailReadyCondition that come from the settings. A failure in the
// SMTP dialog has the name of the failed stage as its reason: ConnectFailed,
// GreetingFailed, TLSFailed, AuthenticationFailed, SenderFailed,
// RecipientFailed or DataFailed.
const (
	// ReasonMailServerAnswered: the mail server accepted every step up to the
	// sender address.
	ReasonMailServerAnswered = "MailServerAnswered"
	// ReasonChecking: the settings are new, and the mail server has not
	// answered yet.
	ReasonChecking = "Checking"
	// ReasonSecretNotFound: a Secret that the mail settings refer to does not
	// exist.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonSecretNotAllowed: a Secret that the mail settings refer to holds
	// the credentials of a Member.
	ReasonSecretNotAllowed = "SecretNotAllowed"
	// ReasonSecretInvalid: a Secret that the mail settings refer to has the
	// wrong type or lacks a key.
	ReasonSecretInvalid = "SecretInvalid"
	// ReasonConfigMapNotFound: the ConfigMap with the templates does not exist.
	ReasonConfigMapNotFound = "ConfigMapNotFound"
	// ReasonReferenceUnreadable: a Secret or ConfigMap that the mail settings
	// refer to cannot be watched, for example because a permission is missing.
	ReasonReferenceUnreadable = "ReferenceUnreadable"
	// ReasonTemplateInvalid: a custom template does not parse, or names an
	// unknown field.
	ReasonTemplateInvalid = "TemplateInvalid"
	// ReasonAddressInvalid: from or replyTo is not an RFC 5322 address.
	ReasonAddressInvalid = "AddressInvalid"
)

// Further reasons of ReadyCondition and StalledCondition.
const (
	// ReasonSuperAdminPending on a ContactCenter: the Super Admin's Member is
	// being created or replaced.
	ReasonSuperAdminPending = "SuperAdminPending"
	// ReasonSuperAdminConflict on a ContactCenter: this ContactCenter does not
	// own the Member super-admin.
	ReasonSuperAdminConflict = "SuperAdminConflict"
	// ReasonOverLicensed on a ContactCenter: more Members hold seats than there
	// are seats, because the number was lowered.
	ReasonOverLicensed = "OverLicensed"
	// ReasonDuplicateDisplayName on a Site or Team: another one holds this
	// display name.
	ReasonDuplicateDisplayName = "DuplicateDisplayName"
	// ReasonRoleConflict on a UserProfile: a foreign Role has the name that the
	// profile needs. The operator never changes it, and checks again every
	// minute.
	ReasonRoleConflict = "RoleConflict"
	// ReasonRoleNotWritten on a UserProfile: a Role could not be written.
	ReasonRoleNotWritten = "RoleNotWritten"
	// ReasonRoleNotReady on a Member: the Role of its user profile does not
	// exist yet, or does not match the UserProfile.
	ReasonRoleNotReady = "RoleNotReady"
	// ReasonSuspended on a MemberTemplate: it gives nothing while spec.suspend
	// is true.
	ReasonSuspended = "Suspended"
	// ReasonIdentityNotSupported on a ContactCenter with spec.identity, or on a
	// UserProfile: the operator has no permission to write Roles and
	// RoleBindings.
	ReasonIdentityNotSupported = "IdentityNotSupported"
	// ReasonSelectorInvalid on a SkillGroup or MemberTemplate: spec.selector
	// cannot be evaluated.
	ReasonSelectorInvalid = "SelectorInvalid"
	// ReasonUnknownMembers on a SkillGroup: spec.members names Members that do
	// not exist.
	ReasonUnknownMembers = "UnknownMembers"
)
