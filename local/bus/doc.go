// Package bus is Amazon EventBridge on one machine: event buses, rules, targets
// and PutEvents, over AWS's JSON 1.1 protocol and in process.
//
// An event that was accepted is delivered at least once to each target of each
// rule that matches it. What is to be delivered is in a journal before the event
// is acknowledged, and stays there until the target has taken it or it is in a
// dead-letter queue; a process that is killed goes on with the rest at its next
// start. A target that fails is tried again, later and later, within its retry
// policy.
//
// Targets are called, and dead letters kept, by what is handed in: the bus knows
// no other service. It knows its own buses, which can be targets of each other.
package bus
