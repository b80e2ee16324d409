package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/quota"
)

// quotas are readings, and what was taken since.
type quotas struct {
	readings []quota.Reading
	taken    quota.Needs
}

func (q *quotas) Read(context.Context) ([]quota.Reading, time.Time) {
	return q.readings, time.Date(2030, 1, 2, 3, 0, 0, 0, time.UTC)
}

func (q *quotas) Take(needs quota.Needs) { q.taken = needs }

func TestNothingIsMadeAboveNineTenthsOfAQuota(t *testing.T) {
	known := quota.Known()
	q := &quotas{readings: []quota.Reading{{Quota: known[0], Value: 500, Used: 449, Counted: true}, {Quota: known[2], Err: errors.New("AccessDenied")}}}
	w := newWorld(t, func(o *api.Options) { o.Quotas = q })
	w.want(http.StatusAccepted, http.MethodPost, "/v1/sandboxes", `{"name":"first"}`)
	if q.taken[quota.CodeDistributions] != 1 || q.taken[quota.CodeIdentities] != 1 {
		t.Errorf("taken %v", q.taken)
	}
	q.readings[0].Used = 450
	p := into[events.Problem](t, w.want(http.StatusConflict, http.MethodPost, "/v1/sandboxes", `{"name":"second"}`))
	for _, part := range []string{"450 of 500 distributions are in use, 90 %", "request-service-quota-increase"} {
		if !strings.Contains(p.Detail, part) || p.Type != "urn:mayfly:problem:quota" {
			t.Errorf("%q is not in %+v", part, p)
		}
	}
	w.want(http.StatusAccepted, http.MethodPost, "/v1/sandboxes", `{"name":"alone","delivery":"none"}`) // which takes none

	got := into[events.Quotas](t, w.want(http.StatusOK, http.MethodGet, "/v1/quotas", ""))
	if len(got.Quotas) != 2 || got.Quotas[1].Unknown != "AccessDenied" || got.Quotas[1].Used != nil {
		t.Fatalf("%+v", got)
	}
	one := got.Quotas[0]
	// One distribution in seven days, and fifty left: 350 days.
	if one.Name != "distributions" || *one.Used != 450 || one.Limit != 500 || one.Percent != 90 || !one.Full || one.FullAt.Sub(got.At).Round(time.Hour) != 350*24*time.Hour {
		t.Errorf("%+v", one)
	}
}

func TestWithoutQuotasThereAreNone(t *testing.T) {
	if got := into[events.Quotas](t, newWorld(t).want(http.StatusOK, http.MethodGet, "/v1/quotas", "")); len(got.Quotas) != 0 {
		t.Errorf("%+v", got)
	}
}
