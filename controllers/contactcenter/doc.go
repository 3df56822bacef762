// Package contactcenter holds the controller of ContactCenters. It keeps the Member of
// the Super Admin, passes the mail settings to the outbox, and counts the Members.
//
// A reconcile has four steps, in one direction: observe, plan, apply, status.
package contactcenter
