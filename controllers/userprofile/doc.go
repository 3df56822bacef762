// Package userprofile reconciles UserProfiles. It maintains the Roles that grant
// the permissions of a profile, and counts the Members that have it.
package userprofile
