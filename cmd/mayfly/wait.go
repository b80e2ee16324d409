package main

import (
	"context"
	"fmt"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

// lastEvent returns the sequence number of a sandbox's last event, so that
// what follows a request can be told from what was before.
func lastEvent(ctx context.Context, api *client.ClientWithResponses, name string) (int64, error) {
	log, err := allEvents(ctx, api, name, 0)
	if err != nil || len(log) == 0 {
		return 0, err
	}
	return log[len(log)-1].Seq, nil
}

func allEvents(ctx context.Context, api *client.ClientWithResponses, name string, after int64) ([]events.SandboxEvent, error) {
	limit := 1000
	all := []events.SandboxEvent{}
	for {
		page, err := client.Read[events.EventPage](api.ListEventsWithResponse(ctx, name, &events.ListEventsParams{After: after, Limit: &limit}))
		if err != nil {
			return nil, err
		}
		all = append(all, page.Value.Events...)
		if after = page.Value.Next; after == 0 {
			return all, nil
		}
	}
}

// watch shows what happens to a sandbox after an event until enough says so.
func watch(ctx context.Context, api *client.ClientWithResponses, name string, after int64, v view, enough func(events.SandboxEvent) (bool, error)) error {
	return api.Follow(ctx, name, after, true, func(e events.SandboxEvent) error {
		v.event(e)
		switch e.Type {
		case "claimed", "step.started", "phase":
			// The estimate changes with the steps. That it can't be had is no
			// reason to stop waiting.
			if s, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(ctx, name)); err == nil {
				v.expect(s.Value.Eta)
			}
		}
		stop, err := enough(e)
		if err == nil && stop {
			err = client.ErrStop
		}
		return err
	})
}

// settled reports whether an event ends what a sandbox was under way to.
func settled(e events.SandboxEvent) bool {
	switch e.Phase {
	case events.PhaseDeleted:
		return true
	case events.PhaseReady, events.PhaseSleeping, events.PhaseFailed:
		return e.Type == "phase" || e.Type == "failed" || e.Type == "release"
	}
	return false
}

// watchUntilSettled waits until a sandbox is ready, or sleeps, and returns it. A
// sandbox that failed, or is gone, is an error.
func watchUntilSettled(ctx context.Context, api *client.ClientWithResponses, name string, after int64, v view) (client.Answer[events.SandboxState], error) {
	err := watch(ctx, api, name, after, v, func(e events.SandboxEvent) (bool, error) { return settled(e), nil })
	if err != nil {
		return client.Answer[events.SandboxState]{}, err
	}
	return outcome(ctx, api, name)
}

// outcome returns a sandbox as it ended up, and an error when it failed.
func outcome(ctx context.Context, api *client.ClientWithResponses, name string) (client.Answer[events.SandboxState], error) {
	answer, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(ctx, name))
	switch {
	case client.IsGone(err):
		return answer, fmt.Errorf("sandbox %s was deleted meanwhile", name)
	case err != nil:
		return answer, err
	case answer.Value.Failure.Error != "":
		f := answer.Value.Failure
		return answer, advise(fmt.Errorf("sandbox %s failed in %s: %s: %s", name, orSome(answer.Value.FailedStep), f.Error, f.Cause), "See what happened: mayfly events %s", name)
	}
	return answer, nil
}

func orSome(step string) string {
	if step == "" {
		return "an unknown step"
	}
	return step
}
