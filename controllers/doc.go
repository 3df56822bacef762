// Package controllers holds the controllers of Rollcall, one a kind, and wires
// them into a manager.
//
// A reconciler is four steps, one way: observe makes the only reads, plan decides
// (a pure function), apply makes the only writes, and status derives the whole
// status from what was observed and done (a pure function again), written in one
// patch. The files of a kind are named after the steps.
package controllers
