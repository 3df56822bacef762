// Package cacheindex describes the indexes of the operator's cache. Each [Index] is a
// value beside the function that computes its values. Package controllers registers
// them.
package cacheindex

// Index is an index of the cached objects of type T. It finds the objects of a namespace
// that have a value.
type Index[T any] struct {
	// Name identifies the index in list options.
	Name string
	// Values returns the values of an object.
	Values func(*T) []string
}
