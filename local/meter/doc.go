// Package meter counts what the edge and the registry of one machine serve, and
// tells CloudWatch of it as CloudFront and ECR do: by the same namespaces,
// names, dimensions and units, so that what reads them on AWS reads them here.
//
// Counting is a few atomic additions for each request. What was counted goes to
// CloudWatch at each [Meter.Flush], under the minute in which the flush before
// was: called each second, a request is told within a second, and under the
// minute that it came in or, at the turn of a minute, the one before. Where the
// clock went on by more than that since, as on a machine that was asleep, nobody
// knows on which side of the gap a request was: it is told as the later one, for
// what is used must not look idle. A process that is killed loses what it counted
// since.
//
// What Mayfly's functions measure themselves goes the same way, see
// [Meter.Measured].
package meter
