package quota

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Reading is how much of a quota is in use.
type Reading struct {
	Quota
	// Value is the quota, Used how much of it is in use; Counted says that it is
	// known.
	Value   float64
	Used    int
	Counted bool
	// Err says why either is not known; nil when both are, or when nothing counts
	// what is in use.
	Err error
}

// Percent returns how many hundredths of the quota are in use, rounded down.
func (r Reading) Percent() int {
	if r.Value <= 0 {
		return 0
	}
	return int(100 * float64(r.Used) / r.Value)
}

// Full returns how many days it takes until the quota is used up when so many
// more are in use each day; false when it will not be.
func (r Reading) Full(perDay float64) (days float64, ok bool) {
	if !r.Counted || perDay <= 0 {
		return 0, false
	}
	return max(r.Value-float64(r.Used), 0) / perDay, true
}

// Reader reads all quotas that it counts, and keeps what it read for a while:
// counting lists what the account has.
type Reader struct {
	// Here is Service Quotas of the installation's region, Global that of us-east-1.
	Here, Global Service
	Used         Usage
	Now          func() time.Time
	// Kept is how long readings are kept.
	Kept time.Duration

	mu   sync.Mutex
	at   time.Time
	last []Reading
}

// Read returns a reading of each quota, and when they were read. One that fails
// says so by itself.
func (r *Reader) Read(ctx context.Context) ([]Reading, time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Now().UTC()
	if r.last != nil && now.Sub(r.at) < r.Kept && !now.Before(r.at) {
		return r.last, r.at
	}
	all := make([]Reading, len(Known()))
	var reading errgroup.Group
	for i, q := range Known() {
		reading.Go(func() error {
			all[i] = r.one(ctx, q)
			return nil
		})
	}
	_ = reading.Wait() // each says its own error
	if ctx.Err() == nil {
		r.last, r.at = all, now
	}
	return all, now
}

func (r *Reader) one(ctx context.Context, q Quota) Reading {
	client := r.Here
	if q.Global {
		client = r.Global
	}
	found := Reading{Quota: q}
	if found.Value, found.Err = Value(ctx, client, q); found.Err != nil {
		return found
	}
	if count := r.Used[q.Code]; count != nil {
		found.Used, found.Err = count(ctx)
		found.Counted = found.Err == nil
	}
	return found
}

// Take notes that something of some quotas is about to be made, until they are
// read again.
func (r *Reader) Take(needs Needs) {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := make([]Reading, len(r.last))
	for i, one := range r.last {
		one.Used += needs[one.Code]
		taken[i] = one
	}
	if r.last != nil {
		r.last = taken
	}
}
