package v1alpha1

// Condition types. A condition is always present once the operator has looked
// at the object, except StalledCondition and PermissionsGrantedCondition. All
// but StalledCondition are good when True.
const (
	// ReadyCondition is the summary of an object; True means that the operator
	// has done all that the spec asks for. On every kind.
	ReadyCondition = "Ready"
	// StalledCondition is True when only a change by a person can help, and
	// absent otherwise. On every kind but ContactCenter and DesktopProfile.
	StalledCondition = "Stalled"
	// MailReadyCondition on a ContactCenter is True when the mail server
	// answered and accepted TLS, AUTH and the sender address.
	MailReadyCondition = "MailReady"
	// CredentialsIssuedCondition on a Member is True when the Member's Secret
	// holds the current password.
	CredentialsIssuedCondition = "CredentialsIssued"
	// PasswordMailedCondition on a Member is True when the mail server accepted
	// the letter with the current password.
	PasswordMailedCondition = "PasswordMailed"
	// LoginAllowedCondition on a Member says the same as status.login.
	LoginAllowedCondition = "LoginAllowed"
	// SkillGroupsJoinedCondition on a Member is True when every SkillGroup that
	// the Member names exists.
	SkillGroupsJoinedCondition = "SkillGroupsJoined"
	// PermissionsGrantedCondition on a Member is True while the Member's
	// RoleBinding gives the permissions of the role, narrowed by the user profile, at
	// the API server. Present only where the ContactCenter has spec.identity and role
	// and profile have permissions.
	PermissionsGrantedCondition = "PermissionsGranted"
	// LicenseAssignedCondition on a Member is True while the Member holds the seat
	// that it asks for. Present only where the ContactCenter has spec.licenses.
	LicenseAssignedCondition = "LicenseAssigned"
	// PlacementResolvedCondition on a Member is True when the site, the teams and the
	// profiles that it should have are there and fit together. Present only where it
	// should have any.
	PlacementResolvedCondition = "PlacementResolved"
)

// Reasons of the conditions of a Member. The reasons of LoginAllowedCondition
// are the values of LoginReason.
const (
	// ReasonIssued: the Secret holds the current password.
	ReasonIssued = "Issued"
	// ReasonSecretConflict: a Secret of the credentials' name exists and is
	// somebody else's. It is never touched, and looked at again every minute.
	ReasonSecretConflict = "SecretConflict"
	// ReasonDuplicate: another Member holds this e-mail address.
	ReasonDuplicate = "Duplicate"
	// ReasonNoContactCenter: the namespace has no ContactCenter, so nothing is
	// issued or mailed.
	ReasonNoContactCenter = "NoContactCenter"
	// ReasonDeleting: the object is being deleted.
	ReasonDeleting = "Deleting"
	// ReasonNotIssued: there is no valid password yet.
	ReasonNotIssued = "NotIssued"

	// ReasonMailed: the mail server accepted the letter.
	ReasonMailed = "Mailed"
	// ReasonAdopted: the Secret came back from a backup with its password; it
	// was kept, and not mailed again.
	ReasonAdopted = "Adopted"
	// ReasonPending: the letter waits for its turn; or the RoleBinding is about to
	// be written.
	ReasonPending = "Pending"
	// ReasonRetrying: the mail server could not take the letter yet; it is
	// tried again by itself.
	ReasonRetrying = "Retrying"
	// ReasonHeld: the spec denies login, so the letter waits for the restore.
	ReasonHeld = "Held"
	// ReasonRejected: the mail server refused the recipient or the letter for
	// good. It is tried again once when the mail settings change, and on a reset.
	ReasonRejected = "Rejected"
	// ReasonMailNotConfigured: the ContactCenter has no spec.mail.
	ReasonMailNotConfigured = "MailNotConfigured"

	// ReasonJoined: every SkillGroup that the Member names exists.
	ReasonJoined = "Joined"
	// ReasonSkillGroupNotFound: a SkillGroup that the Member names does not exist.
	ReasonSkillGroupNotFound = "SkillGroupNotFound"

	// ReasonGranted: the RoleBinding gives the permissions of the role.
	ReasonGranted = "Granted"
	// ReasonLoginDenied: there are no permissions while login is denied.
	ReasonLoginDenied = "LoginDenied"
	// ReasonNotGranted: the RoleBinding could not be written.
	ReasonNotGranted = "NotGranted"
	// ReasonNotRevoked: the RoleBinding is still there although it must not be,
	// since it could not be deleted.
	ReasonNotRevoked = "NotRevoked"
	// ReasonRoleBindingConflict: a RoleBinding of the Member's name exists and is
	// somebody else's. It is never touched, and looked at again every minute.
	ReasonRoleBindingConflict = "RoleBindingConflict"

	// ReasonAssigned: the Member holds the seat that it asks for.
	ReasonAssigned = "Assigned"
	// ReasonNoSeat: the Member asks for a seat and none is free. It gets the next one
	// by itself.
	ReasonNoSeat = "NoSeat"
	// ReasonNotRequested: nobody asks for a licence that suits the Member's role, or
	// its spec asks for None.
	ReasonNotRequested = "NotRequested"

	// ReasonResolved: site, teams and profiles are there and fit together.
	ReasonResolved = "Resolved"
	// ReasonSiteNotFound: the site does not exist.
	ReasonSiteNotFound = "SiteNotFound"
	// ReasonTeamNotFound: a team does not exist.
	ReasonTeamNotFound = "TeamNotFound"
	// ReasonTeamNotAtSite: a team is at another site than the member.
	ReasonTeamNotAtSite = "TeamNotAtSite"
	// ReasonTeamTakesNoMembers: a team is of the type Capacity, or not active.
	ReasonTeamTakesNoMembers = "TeamTakesNoMembers"
	// ReasonProfileNotFound: a user profile or desktop profile does not exist. Without
	// its user profile a member has no permissions at the API server, which
	// PermissionsGranted says too.
	ReasonProfileNotFound = "ProfileNotFound"

	// ReasonReady: all that the spec asks for is done.
	ReasonReady = "Ready"
	// ReasonDuplicateAgentID: another Member holds this agent ID.
	ReasonDuplicateAgentID = "DuplicateAgentID"
	// ReasonDuplicateExtension: another Member holds this extension.
	ReasonDuplicateExtension = "DuplicateExtension"
)

// Reasons of MailReadyCondition that come from the settings. Those that come
// from talking to the mail server name the stage that failed, with the suffix
// Failed: ConnectFailed, GreetingFailed, TLSFailed, AuthenticationFailed,
// SenderFailed, RecipientFailed, DataFailed.
const (
	// ReasonMailServerAnswered: the mail server accepted everything up to the
	// sender address.
	ReasonMailServerAnswered = "MailServerAnswered"
	// ReasonChecking: the settings are new and the mail server has not answered yet.
	ReasonChecking = "Checking"
	// ReasonSecretNotFound: a Secret that the mail settings refer to does not exist.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonSecretNotAllowed: a Secret that the mail settings refer to holds a
	// Member's credentials.
	ReasonSecretNotAllowed = "SecretNotAllowed"
	// ReasonSecretInvalid: a Secret that the mail settings refer to has the
	// wrong type or lacks a key.
	ReasonSecretInvalid = "SecretInvalid"
	// ReasonConfigMapNotFound: the ConfigMap with the templates does not exist.
	ReasonConfigMapNotFound = "ConfigMapNotFound"
	// ReasonReferenceUnreadable: a Secret or ConfigMap that the mail settings refer
	// to cannot be watched, for example because a permission is missing.
	ReasonReferenceUnreadable = "ReferenceUnreadable"
	// ReasonTemplateInvalid: a template of one's own does not parse or names an
	// unknown field.
	ReasonTemplateInvalid = "TemplateInvalid"
	// ReasonAddressInvalid: from or replyTo is not an address of RFC 5322.
	ReasonAddressInvalid = "AddressInvalid"
)

// Further reasons of ReadyCondition and StalledCondition.
const (
	// ReasonSuperAdminPending on a ContactCenter: the Super Admin's Member is
	// being made or replaced.
	ReasonSuperAdminPending = "SuperAdminPending"
	// ReasonSuperAdminConflict on a ContactCenter: the Member super-admin belongs
	// to something else than this ContactCenter.
	ReasonSuperAdminConflict = "SuperAdminConflict"
	// ReasonOverLicensed on a ContactCenter: more Members hold a seat than there are,
	// since the number was lowered.
	ReasonOverLicensed = "OverLicensed"
	// ReasonDuplicateDisplayName on a Site or Team: another one has this display name.
	ReasonDuplicateDisplayName = "DuplicateDisplayName"
	// ReasonRoleConflict on a UserProfile: a Role of the profile's name exists and is
	// somebody else's. It is never touched, and looked at again every minute.
	ReasonRoleConflict = "RoleConflict"
	// ReasonRoleNotWritten on a UserProfile: a Role could not be written.
	ReasonRoleNotWritten = "RoleNotWritten"
	// ReasonRoleNotReady on a Member: the Role of its user profile is not there yet,
	// or is not as the UserProfile says.
	ReasonRoleNotReady = "RoleNotReady"
	// ReasonSuspended on a MemberTemplate: it gives nothing while spec.suspend is true.
	ReasonSuspended = "Suspended"
	// ReasonIdentityNotSupported on a ContactCenter with spec.identity, and on a
	// UserProfile: the operator runs without permission to write Roles and
	// RoleBindings.
	ReasonIdentityNotSupported = "IdentityNotSupported"
	// ReasonSelectorInvalid on a SkillGroup: spec.selector cannot be evaluated.
	ReasonSelectorInvalid = "SelectorInvalid"
	// ReasonUnknownMembers on a SkillGroup: spec.members names Members that do
	// not exist.
	ReasonUnknownMembers = "UnknownMembers"
)
