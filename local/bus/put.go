package bus

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/awsjson"
	"github.com/mayfly-dev/mayfly/local/bus/pattern"
)

// Put puts events, as PutEvents does; unlike there, a source may be AWS's own, so
// that the services of this cloud can tell of what happened in them. The results
// are in the order of the entries. When it returns without an error, the events
// without an ErrorCode are in the journal; an error says that none of them can
// be relied on.
func (s *Service) Put(ctx context.Context, entries ...Entry) ([]Result, error) {
	now := s.o.Now()
	results := make([]Result, len(entries))
	var parcels []*parcel
	for i := range entries {
		e := &entries[i]
		if results[i].ErrorCode, results[i].ErrorMessage = e.refusal(); results[i].ErrorCode != "" {
			continue
		}
		id := cmp.Or(e.ID, s.o.NewID())
		results[i].EventID = id
		// As on AWS, an event for a bus that is not there is taken, and gone.
		if b := s.registry.get(busName(e.Bus)); b != nil {
			parcels = append(parcels, s.route(b, &event{ID: id, Text: s.envelope(e, id, now), Ingested: now})...)
		}
	}
	if err := s.send(ctx, parcels); err != nil {
		return nil, err
	}
	return results, nil
}

// route makes a parcel for each target of each rule that matches an event.
func (s *Service) route(b *eventBus, e *event) []*parcel {
	var parcels []*parcel
	for _, r := range b.match(e.Text) {
		for _, t := range r.Targets {
			parcels = append(parcels, s.chaos.of(&parcel{
				ID: fmt.Sprintf("%s/%d/%s/%s/%s", e.ID, e.Hops, b.Name, r.Name, t.ID), Event: e,
				RuleARN: s.ruleARN(b.Name, r.Name), RuleName: r.Name, Target: t, Due: e.Ingested,
			})...)
		}
	}
	return parcels
}

// send writes parcels to the journal, then hands them to the couriers.
func (s *Service) send(ctx context.Context, parcels []*parcel) error {
	if len(parcels) == 0 {
		return nil
	}
	if err := s.outbox.put(ctx, parcels); err != nil {
		return fmt.Errorf("put events: %w", err)
	}
	return nil
}

// forward puts an event on another bus, as it is.
func (s *Service) forward(ctx context.Context, busARN string, e *event) error {
	name := busName(busARN)
	b := s.registry.get(name)
	if b == nil || busARN != s.busARN(name) {
		return &TargetError{Code: "NO_RESOURCE", Final: true, Err: noBus(name)}
	}
	if e.Hops >= maxHops {
		return &TargetError{Code: "TOO_MANY_HOPS", Final: true, Err: fmt.Errorf("the event went through %d buses", maxHops)}
	}
	return s.send(ctx, s.route(b, &event{ID: e.ID, Text: e.Text, Ingested: e.Ingested, Hops: e.Hops + 1}))
}

// maxHops is how many buses may hand on an event, so that those which hand on to
// each other do not for ever.
const maxHops = 5

type putEventsInput struct {
	Entries []struct {
		Source, DetailType, EventBusName string
		Detail                           string
		Resources                        []string
		Time                             *awsjson.Time
	}
}

type putEventsOutput struct {
	FailedEntryCount int
	Entries          []putEventsResult
}

type putEventsResult struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

func (s *Service) putEvents(ctx context.Context, in putEventsInput) (out putEventsOutput, err error) {
	var c checks
	c.size(len(in.Entries), "entries", 1, maxEntries)
	if err := c.err(); err != nil {
		return out, err
	}
	out.Entries = make([]putEventsResult, len(in.Entries))
	var entries []Entry
	var places []int
	size := 0
	for i, given := range in.Entries {
		e := Entry{
			Source: given.Source, DetailType: given.DetailType, Detail: json.RawMessage(given.Detail),
			Resources: given.Resources, Bus: given.EventBusName,
		}
		if given.Time != nil {
			e.Time = time.Time(*given.Time)
		}
		size += e.size()
		if strings.HasPrefix(e.Source, "aws.") {
			out.Entries[i] = putEventsResult{ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source."}
			continue
		}
		entries, places = append(entries, e), append(places, i)
	}
	if size > maxSize {
		return putEventsOutput{}, invalid("Total size of the entries in the request is over the limit.")
	}
	results, err := s.Put(ctx, entries...)
	if err != nil {
		return putEventsOutput{}, err
	}
	for i, r := range results {
		out.Entries[places[i]] = putEventsResult(r)
	}
	for _, r := range out.Entries {
		if r.ErrorCode != "" {
			out.FailedEntryCount++
		}
	}
	return out, nil
}

type testPatternInput struct{ EventPattern, Event *string }

type testPatternOutput struct{ Result bool }

// testEventPattern says whether a pattern matches an event, which has to be one.
func (s *Service) testEventPattern(_ context.Context, in testPatternInput) (out testPatternOutput, err error) {
	var c checks
	if in.EventPattern == nil {
		c.required("", "eventPattern")
	} else {
		c.length(*in.EventPattern, "eventPattern", pattern.MaxLength)
	}
	if in.Event == nil {
		c.required("", "event")
	}
	if err := c.err(); err != nil {
		return out, err
	}
	p, err := pattern.Compile([]byte(*in.EventPattern))
	if err != nil {
		return out, failf("InvalidEventPatternException", "%v", err)
	}
	var event map[string]json.RawMessage
	if json.Unmarshal([]byte(*in.Event), &event) != nil || event == nil {
		return out, invalid("Parameter Event is not valid.")
	}
	for _, field := range []string{"id", "account", "source", "time", "region", "detail-type"} {
		if event[field] == nil {
			return out, invalid("Parameter Event is not valid.")
		}
	}
	return testPatternOutput{p.Match([]byte(*in.Event))}, nil
}
