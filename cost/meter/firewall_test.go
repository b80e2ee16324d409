package meter_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// TestTheWebACLIsPaidByWhoSharesIt: alone for two hours, then with another for
// two, and not any more once it has left.
func TestTheWebACLIsPaidByWhoSharesIt(t *testing.T) {
	w := newWorld(t)
	use := func(name string, status sandbox.Status) {
		w.change(name, func(s *sandbox.Sandbox) {
			delete(s.Resources, sandbox.KindWebACL)
			if status != "" {
				s.Resources[sandbox.KindWebACL] = sandbox.Resource{Kind: sandbox.KindWebACL, ID: "mayfly-dev", Status: status}
			}
		})
	}
	for _, name := range []string{"one", "two", "plain", "about"} {
		w.make(name, "ana")
	}
	use("one", sandbox.StatusMade)
	use("about", sandbox.StatusIntended)
	for _, step := range []struct {
		before func()
		after  time.Duration
		one    uint64
		two    uint64
	}{
		{nil, 2 * hour, 2000, 0},
		{func() { use("two", sandbox.StatusMade) }, 2 * hour, 3000, 1000},
		{func() { use("one", "") }, 90 * time.Minute, 3000, 2500},
		{nil, 0, 3000, 2500},
	} {
		if step.before != nil {
			step.before()
		}
		w.now = w.now.Add(step.after)
		one, two, plain, about := w.update("one").Usage, w.update("two").Usage, w.update("plain").Usage, w.update("about").Usage
		w.want("the first one's share", one.FirewallMillihours, step.one)
		w.want("the second one's share", two.FirewallMillihours, step.two)
		w.want("who has none", plain.FirewallMillihours+about.FirewallMillihours+plain.FirewallRules, 0)
		w.want("rules", one.FirewallRules, 3)
	}
	if bill := w.update("two"); bill.USD == 0 {
		t.Errorf("it costs nothing: %+v", bill)
	}
}
