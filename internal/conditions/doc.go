// Package conditions turns a verdict (true or false, with a reason and a message)
// into a metav1.Condition. It reads no clock: callers pass the time.
package conditions
