package controllers

// The permissions of the operator's ServiceAccount, from which controller-gen generates
// config/rbac/role.yaml: the least that the controllers need. Three more roles are
// separate:
//   - config/rbac/leader_election_role.yaml, for the Lease of the leader election, only
//     in the operator's namespace
//   - config/rbac/metrics_auth_role.yaml, for the authentication of metrics clients
//   - config/roles/binder_role.yaml, for granting members the permissions of their
//     roles, which an operator for one namespace does not do

// ContactCenters: administrators write the spec. The operator reads it and patches the
// status.
// +kubebuilder:rbac:groups=rollcall.dev,resources=contactcenters,verbs=get;list;watch
// +kubebuilder:rbac:groups=rollcall.dev,resources=contactcenters/status,verbs=patch
// A ContactCenter is the controller of the Super Admin's Member. The admission plug-in
// OwnerReferencesPermissionEnforcement requires permission to update the owner's
// finalizers for an owner reference with blockOwnerDeletion. Rollcall sets no finalizer.
// +kubebuilder:rbac:groups=rollcall.dev,resources=contactcenters/finalizers,verbs=update

// Members: administrators write the spec. The exception is the Member super-admin, which
// RBAC cannot name because create has no resource name. The operator creates and
// updates it, and recreates it when its e-mail address changes.
// +kubebuilder:rbac:groups=rollcall.dev,resources=members,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rollcall.dev,resources=members/status,verbs=patch
// A Member is the controller of its Secret; see contactcenters/finalizers.
// +kubebuilder:rbac:groups=rollcall.dev,resources=members/finalizers,verbs=update

// SkillGroups: the operator reads them and counts their Members in the status.
// +kubebuilder:rbac:groups=rollcall.dev,resources=skillgroups,verbs=get;list;watch
// +kubebuilder:rbac:groups=rollcall.dev,resources=skillgroups/status,verbs=patch

// Templates, profiles, sites, and teams: the operator reads them and counts their Members
// in the status.
// +kubebuilder:rbac:groups=rollcall.dev,resources=membertemplates;userprofiles;desktopprofiles;sites;teams,verbs=get;list;watch
// +kubebuilder:rbac:groups=rollcall.dev,resources=membertemplates/status;userprofiles/status;desktopprofiles/status;sites/status;teams/status,verbs=patch
// A UserProfile is the controller of its Roles; see contactcenters/finalizers.
// +kubebuilder:rbac:groups=rollcall.dev,resources=userprofiles/finalizers,verbs=update

// Secrets: the operator creates credentials, replaces them as a whole by resourceVersion
// (hence update, not patch), and deletes those of a deleted Member of the same name.
// list and watch are for credentials, by label, and for the Secrets in mail settings, by
// name. get is for the uncached read just before the operator sends an e-mail.
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch;create;update;delete

// ConfigMaps: the mail templates that a ContactCenter names.
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch

// Events: the operator creates new events and patches repeated ones. The recorder writes
// events.k8s.io; leader election still writes the core group.
// +kubebuilder:rbac:groups="";events.k8s.io,resources=events,verbs=create;patch
