// Package contactcenter reconciles ContactCenters. It maintains the Member of the
// Super Admin, passes mail settings to the outbox, and counts Members and seats
// in the status.
package contactcenter
