// Package doctor looks at what Mayfly needs, on one machine and on AWS, and
// says of each thing whether it is well, what is wrong, and what to do. It
// changes nothing.
package doctor

import (
	"context"
	"time"
)

// Status is how a thing is.
type Status string

// How things are. Only what has failed keeps Mayfly from working.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failed  Status = "failed"
	// Skipped was not looked at, for want of something that failed or is not
	// there yet.
	Skipped Status = "skipped"
)

// Result is what was found out about one thing.
type Result struct {
	// Check names the thing, such as "credentials".
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Found is what there is, in one line.
	Found string `json:"found"`
	// Do is what to do now; empty when there is nothing to do.
	Do string `json:"do,omitempty"`
}

// Report is everything that was found out.
type Report struct {
	// OK says that nothing has failed.
	OK     bool     `json:"ok"`
	Checks []Result `json:"checks"`
}

// Check looks at one thing, or at several of a kind.
type Check func(context.Context) []Result

// perCheck is how long one check may take: whoever asks is waiting.
const perCheck = 20 * time.Second

// Run runs the checks one after the other and tells each result as it comes.
// One check's trouble does not keep it from the others.
func Run(ctx context.Context, checks []Check, tell func(Result)) Report {
	report := Report{OK: true, Checks: []Result{}}
	for _, check := range checks {
		within, cancel := context.WithTimeout(ctx, perCheck)
		found := check(within)
		cancel()
		for _, result := range found {
			report.OK = report.OK && result.Status != Failed
			report.Checks = append(report.Checks, result)
			tell(result)
		}
	}
	return report
}

func ok(check, found string) []Result { return []Result{{Check: check, Status: OK, Found: found}} }

func warn(check, found, do string) []Result {
	return []Result{{Check: check, Status: Warning, Found: found, Do: do}}
}

func fail(check, found, do string) []Result {
	return []Result{{Check: check, Status: Failed, Found: found, Do: do}}
}

func skip(check, why string) []Result {
	return []Result{{Check: check, Status: Skipped, Found: why}}
}
