//go:build unix

package asl_test

import (
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is how long this process has been at work, on all cores.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}
