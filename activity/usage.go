package activity

import "time"

// Day is what happened to a sandbox on one day, in UTC.
type Day struct {
	// Date is the day's beginning.
	Date time.Time
	// Requests, and what they moved in bytes.
	Requests, BytesDownloaded, BytesUploaded int64
	// ErrorRate is the share of requests that were answered with a 4xx or 5xx,
	// in percent; nil without requests.
	ErrorRate *float64
	// HitRate is the share of cacheable requests that were answered from the
	// cache, in percent; nil when it is not known. On AWS it is with a
	// distribution's additional metrics alone, which cost extra.
	HitRate *float64
	// Pulls and Pushes are of the private repository.
	Pulls, Pushes int64
}

// Usage is what is known of how a sandbox was used.
type Usage struct {
	Days []Day // from the earliest to today
	// Held is what its private repository holds.
	Held Holdings
	// Unknown says what could not be found out; the figures of it are zero.
	Unknown []string
}

// Holdings are what a repository holds.
type Holdings struct {
	Images int
	// Bytes are of all images, compressed; a layer that several have is counted
	// with each, so ECR may bill less.
	Bytes int64
	// Last is its last push or pull, as ECR's images tell: of pulls as late as a
	// day.
	Last Use
}

// Metered is what AWS counts of a sandbox that it asks money for.
type Metered struct {
	// What its distribution served.
	Requests, BytesDownloaded, BytesUploaded uint64
	// Stored is what its bucket held, all versions and unfinished uploads, in
	// bytes, by days of the window; a day of which S3 did not tell is nil. S3 tells
	// once a day, of the day before.
	Stored []*uint64
	// Held is what its private repository holds now.
	Held Holdings
	// Unknown says what could not be found out; the figures of it are zero.
	Unknown []string
}
