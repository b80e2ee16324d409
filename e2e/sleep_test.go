package e2e_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
)

// TestASiteSleepsAndWakes: asleep it answers 403 and keeps all that it has;
// woken, by hand or by a push, it is what it was.
func TestASiteSleepsAndWakes(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	for _, delivery := range []events.Delivery{events.DeliveryCloudFront, events.DeliveryWebsite} {
		t.Run(string(delivery), func(t *testing.T) {
			name := "sleeper-" + string(delivery)
			box := c.create(t, events.CreateSandbox{Name: name, Owner: "ana", Delivery: delivery})
			c.release(t, name, site())
			c.shows(t, box.URL, "<h1>one</h1>")

			c.turn(t, name, "sleep", events.PhaseSleeping)
			if status, _, _ := c.get(t, box.URL); status != http.StatusForbidden {
				t.Errorf("asleep it answers %d", status)
			}
			err := c.api(t.Context(), "POST", "/v1/sandboxes/"+name+"/rollback", nil, nil)
			if status(err) != http.StatusConflict {
				t.Errorf("a rollback of what sleeps: %v", err)
			}
			awake := c.turn(t, name, "wake", events.PhaseReady)
			if awake.LiveRelease == "" || !awake.AsleepSince.IsZero() {
				t.Errorf("awake it is %+v", awake)
			}
			c.shows(t, box.URL, "<h1>one</h1>")

			c.turn(t, name, "sleep", events.PhaseSleeping)
			pushed := site()
			pushed["index.html"] = page("<h1>pushed</h1>")
			c.push(t, box.RepositoryURI, "v1", imageOf(t, pushed))
			c.becomes(t, box.URL, "<h1>pushed</h1>")

			if delivery == events.DeliveryCloudFront { // it goes from its sleep as well
				c.turn(t, name, "sleep", events.PhaseSleeping)
			}
			if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/"+name, nil, nil); err != nil {
				t.Fatal(err)
			}
			c.gone(t, name)
		})
	}
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// turn puts a sandbox to sleep or wakes it, and waits until it is so.
func (c *cloud) turn(t *testing.T, name, action string, want events.Phase) events.SandboxState {
	t.Helper()
	c.await(t, name, map[string]events.Phase{"sleep": events.PhaseReady, "wake": events.PhaseSleeping}[action])
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/"+name+"/"+action, nil, nil); err != nil {
		t.Fatal(err)
	}
	return c.await(t, name, want)
}
