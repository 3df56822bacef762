// Package directory keeps what the login gate knows of the cluster: contact
// centers, members, password checksums, and session keys. Watches feed it, and it
// reports when they are too old to decide from.
package directory
