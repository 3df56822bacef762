// Package apiclient sets up the connection of the manager and of the gate to the API
// server: the scheme, the REST mapper, the guard of watches, and the Lease of the
// leader.
package apiclient
