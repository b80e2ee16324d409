package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Activity is what the API needs of package activity: a *metered.Reader.
type Activity interface {
	Read(ctx context.Context, subjects []activity.Subject, since time.Time) []activity.Activity
	Usage(ctx context.Context, subject activity.Subject, days int) activity.Usage
	Meter(ctx context.Context, subjects []activity.Subject, start, end time.Time) []activity.Metered
}

const (
	// defaultDays and maxDays are how many days of use are shown.
	defaultDays = 7
	maxDays     = 90
)

// GetStats tells how a sandbox is used. CloudWatch not answering is no error of
// the request: what it would have told is unknown.
func (a server) GetStats(ctx context.Context, request rest.GetStatsRequestObject) (rest.GetStatsResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	days := defaultDays
	if request.Params.Days != nil {
		if days = *request.Params.Days; days < 1 || days > maxDays {
			return nil, invalid(events.BrokenRule{Field: "days", Rule: parameterRule("days")})
		}
	}
	subject := activity.Of(&s)
	used := a.Activity.Usage(ctx, subject, days)
	last := a.Activity.Read(ctx, []activity.Subject{subject}, used.Days[0].Date)[0]
	answer := rest.GetStats200JSONResponse{
		Name: s.Name, Days: make([]events.StatsDay, len(used.Days)), Images: events.StatsImages{Count: used.Held.Images, Bytes: used.Held.Bytes},
		LastActivity: events.LastActivity{Kind: events.LastActivityKind(last.Last.Kind), At: last.Last.At}, Since: last.Since, Until: last.Until,
		Unknown: distinct(used.Unknown, slices.Concat(last.Unknown, last.Untold)),
	}
	if len(last.Unknown) == 0 {
		answer.LastActivity.ReadAt = a.now()
	}
	for i, d := range used.Days {
		answer.Days[i] = events.StatsDay{
			Date: d.Date.Format(time.DateOnly), Requests: d.Requests, BytesDownloaded: d.BytesDownloaded, BytesUploaded: d.BytesUploaded,
			ErrorRate: d.ErrorRate, HitRate: d.HitRate, Pulls: d.Pulls, Pushes: d.Pushes,
		}
	}
	answer.Site, err = a.siteSize(ctx, &s)
	return answer, err
}

// siteSize returns the size of what a sandbox's site shows.
func (a *API) siteSize(ctx context.Context, s *sandbox.Sandbox) (events.StatsSite, error) {
	if s.LiveRelease == "" {
		return events.StatsSite{}, nil
	}
	r, err := a.Store.GetRelease(ctx, s.Ref(), s.LiveRelease)
	if errors.Is(err, sandbox.ErrNotFound) {
		return events.StatsSite{}, nil
	}
	if err != nil {
		return events.StatsSite{}, fmt.Errorf("get release %s of %s: %w", s.LiveRelease, s.Name, err)
	}
	return events.StatsSite{Files: r.Files, Bytes: r.Bytes}, nil
}

// distinct returns the texts of two lists, each once.
func distinct(lists ...[]string) []string {
	all, there := []string{}, make(map[string]bool)
	for _, list := range lists {
		for _, text := range list {
			if !there[text] {
				there[text] = true
				all = append(all, text)
			}
		}
	}
	return all
}
