// Package ownership tells which objects belong to a Member. Rollcall marks its
// Secrets and RoleBindings with labels and an owner reference, and changes no
// other object.
package ownership
