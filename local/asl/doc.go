// Package asl runs state machines written in the Amazon States Language.
//
// [Parse] checks a definition and compiles it; an [Engine] runs executions of
// it. The engine keeps the whole history of every execution, in AWS's own
// events, and writes it ahead to a [Journal], from which a new engine continues
// every execution that had not ended: timers keep their absolute deadlines, a
// task that was under way is run again, and a result is recorded once, before
// anything that follows from it is started.
//
// The package knows nothing of any service: a [TaskRunner] gets each task's
// resource and input. Time, randomness and identifiers are handed in; with a
// [VirtualClock], a machine that waits a week ends at once.
package asl
