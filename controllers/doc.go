// Package controllers assembles the manager of the operator: its cache and indexes, the
// controllers, the outbox for e-mails, and the operator's RBAC permissions. The
// controllers are in packages of their own below this one.
//
// A reconcile has four steps. Observe reads, plan decides, apply writes objects, and
// status derives the whole status from the observation and the result, and writes it in
// one patch. Plan and status are pure functions.
package controllers
