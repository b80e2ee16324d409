// Package local is the cloud on one machine: the AWS services that Mayfly
// uses, behind one loopback port, with the functions and the state machines
// that go to AWS running on it unchanged.
package local
