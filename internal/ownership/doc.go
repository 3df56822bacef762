// Package ownership decides whose a Secret, RoleBinding, or Role is, by labels and owner
// references. It looks such objects up in the cache and at the API server, and marks and deletes
// them. The operator changes no object that belongs to something else.
package ownership
