package api

import (
	"context"
	"net/http"
	"time"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/quota"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Quotas is what the API needs of package quota.
type Quotas interface {
	Read(ctx context.Context) ([]quota.Reading, time.Time)
	Take(needs quota.Needs)
}

const (
	// QuotasKept is how long a reading of quotas is kept: counting takes a request
	// for each hundred distributions.
	QuotasKept = 10 * time.Minute
	// grown is over how long growth is looked at.
	grown = 7 * 24 * time.Hour
)

// room refuses to make a sandbox that would take more than 90 % of a quota. What
// can't be read refuses nothing: AWS does when there is none left.
func (a *API) room(ctx context.Context, spec events.Spec) error {
	if a.Quotas == nil {
		return nil
	}
	readings, _ := a.Quotas.Read(ctx)
	for _, r := range readings {
		if r.Err != nil {
			a.Logger.WarnContext(ctx, "a quota is not known", "quota", r.Name, "error", r.Err)
		}
	}
	needs := quota.Of(spec)
	if err := quota.Room(readings, needs); err != nil {
		return &refusal{status: http.StatusConflict, kind: "quota", title: "An AWS quota is nearly used up", detail: err.Error()}
	}
	a.Quotas.Take(needs)
	return nil
}

// ListQuotas tells how much of each quota is in use, and when it will be all.
func (a server) ListQuotas(ctx context.Context, _ rest.ListQuotasRequestObject) (rest.ListQuotasResponseObject, error) {
	answer := rest.ListQuotas200JSONResponse{At: a.now(), Quotas: []events.QuotaState{}}
	if a.Quotas == nil {
		return answer, nil
	}
	readings, at := a.Quotas.Read(ctx)
	grows, err := a.growth(ctx)
	if err != nil {
		return nil, err
	}
	answer.At = at
	for _, r := range readings {
		state := events.QuotaState{Name: r.Name, Service: r.Service, Code: r.Code, Limit: r.Value, Raise: r.Raise(r.Value)}
		if r.Err != nil {
			state.Unknown = awserr.Told(r.Err)
		}
		if r.Counted {
			state.Used, state.Percent, state.PerDay = &r.Used, r.Percent(), float64(grows[r.Code])/(grown.Hours()/24)
			state.Full = quota.Room([]quota.Reading{r}, quota.Needs{r.Code: 1}) != nil
			if days, ok := r.Full(state.PerDay); ok && days < 3650 {
				state.FullAt = at.Add(time.Duration(days * 24 * float64(time.Hour)))
			}
		}
		answer.Quotas = append(answer.Quotas, state)
	}
	return answer, nil
}

// growth counts what the sandboxes take that were made in the last days and are
// still there.
func (a *API) growth(ctx context.Context) (quota.Needs, error) {
	sum, since := quota.Needs{}, a.now().Add(-grown)
	for page := (sandbox.Page{Limit: sandbox.MaxPage}); ; {
		found, next, err := a.Store.List(ctx, sandbox.Filter{}, page)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if found[i].CreatedAt.After(since) {
				for code, n := range quota.Of(found[i].Spec) {
					sum[code] += n
				}
			}
		}
		if page.After = next; next == "" {
			return sum, nil
		}
	}
}
