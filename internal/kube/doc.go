// Package kube holds what the controllers share around controller-runtime:
// queues, watches, typed reads from the cache, status patches, recounts, and the
// handling of expected errors.
package kube
