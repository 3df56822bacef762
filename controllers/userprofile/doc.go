// Package userprofile holds the controller of UserProfiles. It keeps the two Roles of a
// UserProfile, one for administrators and one for Supervisors, and counts the Members
// that have the profile.
//
// A reconcile has four steps, in one direction: observe, plan, apply, status.
package userprofile
