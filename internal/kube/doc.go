// Package kube holds what all controllers share: watches, queues, reads from the
// cache, status patches, and the reconciler of resource kinds that are only counted.
package kube
