// Package memberplan decides what happens to a Member. It turns an [Observation]
// into a [Plan], and then both into the Member's whole status. It is pure: the
// controller of Members makes the observation and carries out the plan.
package memberplan
