// Package member reconciles Members. A reconcile observes the Member and the objects around it,
// plans with package memberplan, applies the plan to the Secret and the RoleBinding, and patches
// the status. The package also runs the outbox for the e-mails to members.
package member
