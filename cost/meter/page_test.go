package meter_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// walk goes over all pages.
func (w *world) walk(owner string, size int, young time.Duration) (sum meter.Page, pages int) {
	w.t.Helper()
	walk := meter.Walk{Meter: w.meter, Lists: w.store, Size: size, Young: young}
	for after := ""; ; {
		page, err := walk.Next(w.t.Context(), owner, after)
		if err != nil {
			w.t.Fatal(err)
		}
		sum.Metered, sum.Ended, sum.Troubles = sum.Metered+page.Metered, sum.Ended+page.Ended, append(sum.Troubles, page.Troubles...)
		if pages++; pages > 100 {
			w.t.Fatal("it does not end")
		}
		if after = page.After; after == "" {
			return sum, pages
		}
	}
}

func (w *world) remove(name string) {
	w.t.Helper()
	box := w.get(name)
	if err := w.store.Remove(w.t.Context(), box.Ref()); err != nil {
		w.t.Fatal(err)
	}
}

// TestAWalkMetersAllAndEndsWhatIsGone page by page, and early in a month ends
// what went in the one before.
func TestAWalkMetersAllAndEndsWhatIsGone(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		w.make(fmt.Sprintf("site-%d", i), []string{"ann", "bob"}[i%2])
	}
	w.now = start.Add(10 * day)
	sum, pages := w.walk("", 3, 0)
	w.want("all", fmt.Sprint(sum.Metered, sum.Ended, len(sum.Troubles), pages), "7 0 0 6")
	w.now = w.now.Add(time.Minute)
	sum, _ = w.walk("", 3, 5*time.Minute)
	w.want("a minute later, of those that are old", sum.Metered, 0)
	w.now = w.now.Add(5 * time.Minute)
	sum, _ = w.walk("ann", 3, 5*time.Minute)
	w.want("of one owner", sum.Metered, 4)
	w.remove("site-1")
	w.remove("site-2")
	sum, _ = w.walk("", 100, 0)
	w.want("what is gone", fmt.Sprint(sum.Metered, sum.Ended), "5 2")
	w.now = cost.Month("2026-11").End().Add(-time.Hour)
	w.remove("site-3")
	w.now = w.now.Add(26 * time.Hour)
	sum, _ = w.walk("", 2, 0)
	w.want("in the month after", fmt.Sprint(sum.Metered, sum.Ended), "4 1")
	e, err := w.store.GetEstimate(t.Context(), "2026-11", cost.Key{Owner: "bob", Name: "site-3", ID: "id-site-3"})
	w.want("when it ended", fmt.Sprint(e.Ended, err), fmt.Sprint(cost.Month("2026-11").End().Add(-time.Hour), nil))
	ann, err := cost.Spent(t.Context(), w.store, "2026-11", "ann")
	w.want("ann's", fmt.Sprint(ann.Sandboxes, err, ann.USD > 0), "4 <nil> true")
}

func TestAWalkGoesOnPastTroubles(t *testing.T) {
	w := newWorld(t)
	for i := range 4 {
		w.make(fmt.Sprintf("site-%d", i), "ann")
	}
	w.meter.Records = failing{w.store, "site-2"}
	sum, _ := w.walk("", 2, 0)
	w.want("metered", sum.Metered, 3)
	w.want("troubles", len(sum.Troubles) == 1 && strings.HasPrefix(sum.Troubles[0], "sandbox site-2: "), true)
	_, err := meter.Walk{Meter: w.meter, Lists: w.store, Size: 2}.Next(t.Context(), "", "nowhere")
	var field *sandbox.FieldError
	w.want("no place", errors.As(err, &field), true)
}
