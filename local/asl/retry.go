package asl

import (
	"math"
	"slices"
	"time"
)

// retrier is one element of Retry.
type retrier struct {
	errors   []string
	interval float64
	backoff  float64
	attempts int
	maxDelay float64 // seconds, 0 for none
	jitter   bool
}

func (p *parser) retriers(f *fields) []retrier {
	n := f.get("Retry")
	if n == nil {
		return nil
	}
	location := at(f.location, "Retry")
	if n.kind != '[' {
		f.wrong("Retry", "Array")
		return nil
	}
	all := make([]retrier, 0, len(n.vals))
	for i, item := range n.vals {
		r := p.fields(item, nth(location, i))
		one := retrier{errors: p.errorNames(r, i == len(n.vals)-1)}
		r.text("Comment")
		one.interval = r.number("IntervalSeconds", 1, 99999999, 1)
		one.backoff = r.number("BackoffRate", 1, math.MaxFloat32, 2)
		one.attempts = 3
		if r.has("MaxAttempts") {
			one.attempts = int(r.whole("MaxAttempts", 0, 99999999))
		}
		if r.has("MaxDelaySeconds") {
			one.maxDelay = float64(r.whole("MaxDelaySeconds", 1, 31622400))
			if one.maxDelay <= one.interval && r.has("IntervalSeconds") && one.maxDelay < one.interval {
				p.errorf(at(r.location, "MaxDelaySeconds"), "'MaxDelaySeconds' must be greater than 'IntervalSeconds'")
			}
		}
		switch strategy := r.text("JitterStrategy"); strategy {
		case "", "NONE":
		case "FULL":
			one.jitter = true
		default:
			p.errorf(at(r.location, "JitterStrategy"), "Value is not one of [FULL, NONE]")
		}
		r.unknown()
		all = append(all, one)
	}
	return all
}

// errorNames reads ErrorEquals, in which States.ALL must stand alone and last.
func (p *parser) errorNames(f *fields, last bool) []string {
	n := f.get("ErrorEquals")
	location := at(f.location, "ErrorEquals")
	if n == nil {
		p.errorf(f.location, "These fields are required: [ErrorEquals]")
		return nil
	}
	if n.kind != '[' || len(n.vals) == 0 {
		p.errorf(location, "ErrorEquals must be an array with at least one error name")
		return nil
	}
	names := make([]string, 0, len(n.vals))
	for i, item := range n.vals {
		if item.kind != '"' {
			p.errorf(nth(location, i), "Expected value of type String")
		}
		names = append(names, item.str)
	}
	if slices.Contains(names, ErrorAll) {
		if len(names) > 1 {
			p.errorf(location, "'States.ALL' must appear alone in 'ErrorEquals'")
		}
		if !last {
			p.errorf(location, "'States.ALL' must be in the last element")
		}
	}
	return names
}

// matches says whether one of the names stands for the error.
func matches(names []string, failed *TaskError) bool {
	for _, name := range names {
		switch name {
		case failed.Name:
			return true
		case ErrorHeartbeatTimeout:
			if failed.beat {
				return true
			}
		case ErrorAll:
			if !failed.noAll {
				return true
			}
		case ErrorTaskFailed:
			if failed.Name != ErrorTimeout && !failed.noAll {
				return true
			}
		case ErrorTimeout:
			if failed.Name == ErrorHeartbeatTimeout {
				return true
			}
		}
	}
	return false
}

// delay returns how long to wait before retry number n, counted from 1.
func (r *retrier) delay(n int, jitter func() float64) time.Duration {
	seconds := r.interval * math.Pow(r.backoff, float64(n-1))
	limit := 31622400.0
	if r.maxDelay > 0 {
		limit = r.maxDelay
	}
	seconds = min(seconds, limit)
	if r.jitter {
		seconds *= jitter()
	}
	return time.Duration(seconds * float64(time.Second))
}
