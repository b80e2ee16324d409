// Package sqs is enough of Amazon SQS on one machine for the queues that event
// rules deliver to and keep their dead letters in: standard queues, over AWS's
// JSON 1.0 protocol and in process.
//
// A message that was acknowledged is in a journal until it is deleted. Which
// messages were received, and are hidden for a while, is not: after a restart all
// can be received again, as with any queue that delivers at least once.
package sqs
