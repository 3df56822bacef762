// Package profilerole computes the rules of the Roles that a UserProfile grants,
// and compares a Role with them. It is pure.
package profilerole
