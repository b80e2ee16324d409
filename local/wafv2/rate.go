package wafv2

import (
	"sync"
	"time"
)

const (
	// slots is into how many parts a window is divided: the rate is of the last
	// nine to ten tenths of it.
	slots = 10
	// mostAddresses is how many addresses a rule follows at once, as on AWS.
	mostAddresses = 10_000
)

// rate counts requests by address over a sliding window.
type rate struct {
	limit int64
	slot  time.Duration

	mu        sync.Mutex
	addresses map[string]*recent
}

// recent is the requests of one address in the last slots.
type recent struct {
	at     int64 // the slot of the last request, since 1970
	counts [slots]int64
}

func newRate(r *rateBased) *rate {
	return &rate{limit: r.Limit, slot: time.Duration(r.window()) * time.Second / slots, addresses: map[string]*recent{}}
}

// exceeded counts a request, and reports whether its address has made more
// than the limit in the window. Requests that are refused count, too.
func (r *rate) exceeded(address string, now time.Time) bool {
	at := now.UnixNano() / int64(r.slot)
	r.mu.Lock()
	defer r.mu.Unlock()
	one, ok := r.addresses[address]
	if !ok {
		if r.forget(at); len(r.addresses) >= mostAddresses {
			return false
		}
		one = &recent{at: at}
		r.addresses[address] = one
	}
	for passed := one.at + 1; passed <= at && passed <= one.at+slots; passed++ {
		one.counts[passed%slots] = 0
	}
	one.at = max(one.at, at)
	one.counts[one.at%slots]++
	var sum int64
	for _, n := range one.counts {
		sum += n
	}
	return sum > r.limit
}

// forget makes room where there is none: who did not ask in the window is
// forgotten.
func (r *rate) forget(at int64) {
	if len(r.addresses) < mostAddresses {
		return
	}
	for address, one := range r.addresses {
		if one.at <= at-slots {
			delete(r.addresses, address)
		}
	}
}
