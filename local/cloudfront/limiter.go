package cloudfront

import (
	"sync"
	"time"
)

// limiter is a token bucket: rate tokens a second, as many at most.
type limiter struct {
	rate  float64
	clock func() time.Time

	mu     sync.Mutex
	tokens float64
	last   time.Time
}

// newLimiter returns nil, which allows all, when rate is not above zero.
func newLimiter(rate float64, clock func() time.Time) *limiter {
	if rate <= 0 {
		return nil
	}
	return &limiter{rate: rate, clock: clock, tokens: max(rate, 1), last: clock()}
}

func (l *limiter) allow() bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	l.tokens = min(l.tokens+now.Sub(l.last).Seconds()*l.rate, max(l.rate, 1))
	l.last = now
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}
