package asl

import "time"

// Clock tells the time and calls back when some of it has passed.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f, once, in a goroutine of its own, after d. The function
	// that it returns keeps f from being called, if it has not been.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// realClock is the time package, which testing/synctest can replace.
type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
