// Package cloudwatch is CloudWatch's metrics on one machine: PutMetricData,
// GetMetricData, GetMetricStatistics and ListMetrics, in the three protocols
// that AWS's clients speak (rpc-v2-cbor, JSON 1.0 and query), kept in a SQLite
// file.
//
// As in CloudWatch: a metric is a namespace, a name and exactly its dimensions;
// data points of a minute are kept for 15 days, of 5 minutes for 63 days, of an
// hour for 455 days, those of a second (StorageResolution 1) for 3 hours; a
// period that is finer than what is kept of a time gets nothing of it; periods
// begin at the start time, rounded down to what is kept of it.
//
// What differs: what is put is told at once, but for [Options.Delay];
// percentiles are exact to one percent of the value; metric math, Metrics
// Insights, anomaly detection, trimmed statistics, alarms, dashboards and
// streams are refused by name.
package cloudwatch
