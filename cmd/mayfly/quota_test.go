package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/quota"
)

// account is how much of an account's quotas is in use: nothing is known of it
// until it is filled.
type account struct {
	mu       sync.Mutex
	readings []quota.Reading
}

// fill makes it an account that has many identities and few of the rest.
func (a *account) fill() {
	a.mu.Lock()
	defer a.mu.Unlock()
	used := map[string]quota.Reading{
		quota.CodeDistributions: {Value: 500, Used: 12, Counted: true}, quota.CodeIdentities: {Value: 100, Used: 90, Counted: true},
		quota.CodeBuckets: {Value: 10_000, Used: 13, Counted: true}, quota.CodeRepositories: {Value: 100_000, Counted: true},
	}
	for _, q := range quota.Known() {
		r, ok := used[q.Code]
		if !ok {
			r.Err = errors.New("AccessDenied")
		}
		r.Quota = q
		a.readings = append(a.readings, r)
	}
}

func (a *account) Read(context.Context) ([]quota.Reading, time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]quota.Reading(nil), a.readings...), time.Now()
}

func (a *account) Take(needs quota.Needs) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.readings {
		a.readings[i].Used += needs[a.readings[i].Code]
	}
}
