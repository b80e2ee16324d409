package wafv2

import (
	"fmt"
	"testing"
	"time"
)

func TestARateIsOfTheLastWindow(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := newRate(&rateBased{Limit: 10, EvaluationWindowSec: 60})
	ask := func(after time.Duration, times int) (refused int) {
		now = now.Add(after)
		for range times {
			if r.exceeded("192.0.2.1", now) {
				refused++
			}
		}
		return refused
	}
	for i, step := range []struct {
		after   time.Duration
		times   int
		refused int
	}{
		{0, 10, 0},
		{0, 3, 3},
		{30 * time.Second, 1, 1},      // all are still in the window
		{29 * time.Second, 1, 1},      //
		{2 * time.Second, 8, 0},       // the first 13 have left it: 2 and these
		{0, 1, 1},                     //
		{-5 * time.Second, 1, 1},      // a clock that goes back
		{10 * time.Minute, 10, 0},     // all have left it
		{365 * 24 * time.Hour, 11, 1}, //
		{50 * time.Second, 1, 1},      //
		{10 * time.Second, 9, 0},      // 1 and these
	} {
		if got := ask(step.after, step.times); got != step.refused {
			t.Errorf("step %d: %d of %d refused, want %d", i, got, step.times, step.refused)
		}
	}
	if r.exceeded("192.0.2.2", now) {
		t.Error("another address is refused, too")
	}
}

func TestARateFollowsSoManyAddressesAndNoMore(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := newRate(&rateBased{Limit: 10})
	for i := range mostAddresses + 5 {
		r.exceeded(fmt.Sprint(i), now)
	}
	if len(r.addresses) != mostAddresses {
		t.Errorf("%d addresses", len(r.addresses))
	}
	if now = now.Add(5 * time.Minute); r.exceeded("later", now) || len(r.addresses) != 1 {
		t.Errorf("%d addresses after the window", len(r.addresses))
	}
}
