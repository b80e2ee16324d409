// Package events holds everything that crosses a boundary, as types: what
// the API is asked and answers, what starts a state machine, and the input
// and output of each step. It depends on the standard library alone, so that
// a step, the CDK app and the local cloud can all import it.
//
// A flow is one JSON document (see [Flow]) that a state machine carries from
// state to state. Every step takes the whole document and returns one part of
// it, which the machine puts in its place with ResultPath. What a step does
// not know it leaves alone.
package events
