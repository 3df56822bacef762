// Package profilerole derives the Roles that a UserProfile asks for, and describes the
// Roles that exist. It is pure: it reads and writes no objects.
package profilerole
