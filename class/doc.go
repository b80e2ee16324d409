// Package class is the domain of classes: somebody gives out a number of seats
// by a code, and who joins gets a sandbox. The code and the tokens of those who
// have no account are secrets; a [Class] has their digests alone.
//
// All rules are here, and pure. A [Store] keeps classes and makes each change
// of one in a conditional write, so that seats hold however many join at once.
package class
