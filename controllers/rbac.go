package controllers

// The permissions of the operator's ServiceAccount, from which
// config/rbac/role.yaml is generated: as little as the controllers can do with.
// What they need only in the operator's own namespace (the lease of the leader
// election) is in config/rbac/leader_election_role.yaml, and what metrics over
// HTTPS need (reviews of tokens and of access) in
// config/rbac/metrics_auth_role.yaml. What they need to give members the
// permissions of their roles is in config/roles/binder_role.yaml, since an
// operator for one namespace does without.

// The spec of a ContactCenter is people's; the operator reads it and writes its
// status, with patches only.
// +kubebuilder:rbac:groups=rollcall.dev,resources=contactcenters,verbs=get;list;watch
// +kubebuilder:rbac:groups=rollcall.dev,resources=contactcenters/status,verbs=patch
// A ContactCenter is the controller of the Super Admin's Member. Where the
// admission plug-in OwnerReferencesPermissionEnforcement is on, an owner
// reference with blockOwnerDeletion asks for update on the owner's finalizers;
// Rollcall itself sets no finalizer.
// +kubebuilder:rbac:groups=rollcall.dev,resources=contactcenters/finalizers,verbs=update

// Members are people's too, with one exception that RBAC cannot name (create
// has no resource name): the operator makes, updates, and on another e-mail
// address deletes and makes again, the Member super-admin.
// +kubebuilder:rbac:groups=rollcall.dev,resources=members,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rollcall.dev,resources=members/status,verbs=patch
// A Member is the controller of its Secret; see contactcenters/finalizers.
// +kubebuilder:rbac:groups=rollcall.dev,resources=members/finalizers,verbs=update

// SkillGroups are read, and counted in their status. They own nothing.
// +kubebuilder:rbac:groups=rollcall.dev,resources=skillgroups,verbs=get;list;watch
// +kubebuilder:rbac:groups=rollcall.dev,resources=skillgroups/status,verbs=patch

// What members are given and where they are: read, and counted in their status.
// +kubebuilder:rbac:groups=rollcall.dev,resources=membertemplates;userprofiles;desktopprofiles;sites;teams,verbs=get;list;watch
// +kubebuilder:rbac:groups=rollcall.dev,resources=membertemplates/status;userprofiles/status;desktopprofiles/status;sites/status;teams/status,verbs=patch
// A UserProfile is the controller of its Roles; see contactcenters/finalizers.
// +kubebuilder:rbac:groups=rollcall.dev,resources=userprofiles/finalizers,verbs=update

// Secrets: the credentials are created, replaced as a whole with their
// resourceVersion (hence update and no patch), and deleted when they are a
// predecessor's. list and watch are for the credentials, by label, and for the
// Secrets that mail settings refer to, by name; get is for the uncached look
// just before a letter goes out.
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch;create;update;delete

// ConfigMaps: the mail templates that a ContactCenter refers to, by name.
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch

// Events: create a new one, patch one that happened again. The recorder writes
// events.k8s.io; leader election still writes the core group.
// +kubebuilder:rbac:groups="";events.k8s.io,resources=events,verbs=create;patch
