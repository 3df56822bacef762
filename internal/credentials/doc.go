// Package credentials reads and describes the Secret that holds the password of a
// Member. Its [Facts] contain no password, so that plans and logs cannot leak one.
package credentials
