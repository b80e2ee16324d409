package api

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a server) UpdateSandbox(ctx context.Context, request rest.UpdateSandboxRequestObject) (rest.UpdateSandboxResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	if owner := request.Body.Owner; owner != nil {
		// Nobody gets what they did not ask for, but from an admin.
		if err := callerOf(ctx).Check(*owner); err != nil {
			return nil, err
		}
	}
	change, err := a.changeOf(request.Body, s.Spec)
	if err != nil {
		return nil, err
	}
	var mustRun bool
	after, err := a.Store.Update(ctx, s.Ref(), func(current *sandbox.Sandbox) (log []sandbox.Event, err error) {
		log, mustRun, err = change.apply(current, a.Machines.Update)
		if len(log) > 0 {
			current.ChangedAt = a.now()
		}
		return log, err
	})
	if err != nil {
		return nil, fmt.Errorf("change sandbox %s: %w", s.Name, err)
	}
	if mustRun {
		err = a.run(ctx, after.Execution, a.input(&after))
	} else {
		after, err = a.heal(ctx, after)
	}
	if err != nil {
		return nil, err
	}
	state, err := a.state(ctx, &after, a.history())
	if err != nil {
		return nil, err
	}
	if after.Phase == sandbox.PhaseUpdating && after.ActiveRelease == "" {
		return rest.UpdateSandbox202JSONResponse{Body: state, Headers: rest.UpdateSandbox202ResponseHeaders{Location: location(s.Name)}}, nil
	}
	return rest.UpdateSandbox200JSONResponse(state), nil
}

// change is a request to change a sandbox, checked.
type change struct {
	owner *string
	// expires is set when the time to live is to change; zero is never.
	expires *time.Time
	spec    func(events.Spec) events.Spec
}

// changeOf checks a request against the spec that it changes.
func (a *API) changeOf(body *events.UpdateSandbox, current events.Spec) (*change, error) {
	c := &change{owner: body.Owner}
	var checks []error
	if body.Owner != nil {
		checks = append(checks, sandbox.CheckOwner(*body.Owner))
	}
	now := a.now()
	switch {
	case body.TTL != nil && body.ExpiresAt != nil:
		checks = append(checks, &sandbox.FieldError{Field: "expiresAt", Rule: "left out when ttl is given", Value: body.ExpiresAt.String()})
	case body.TTL != nil:
		ttl, err := sandbox.ParseTTL(*body.TTL)
		if checks = append(checks, err); ttl == 0 {
			c.expires = &time.Time{}
		} else {
			end := now.Add(ttl)
			c.expires = &end
		}
	case body.ExpiresAt != nil:
		end := body.ExpiresAt.UTC()
		if left := end.Sub(now); left < sandbox.MinTTL || left > sandbox.MaxTTL {
			checks = append(checks, &sandbox.FieldError{Field: "expiresAt", Rule: "from 5 minutes to 365 days from now", Value: end.String()})
		}
		c.expires = &end
	}
	c.spec = func(spec events.Spec) events.Spec {
		if body.IndexDocument != nil {
			spec.IndexDocument = *body.IndexDocument
		}
		if body.ErrorDocument != nil {
			spec.ErrorDocument = *body.ErrorDocument
		}
		if body.SinglePageApp != nil {
			spec.SinglePageApp = *body.SinglePageApp
		}
		if body.WAF != nil {
			spec.WAF = *body.WAF
		}
		for _, one := range []struct{ to, from *string }{{&spec.IdleTime, body.IdleTime}, {&spec.WarnBefore, body.WarnBefore}, {&spec.SleepFor, body.SleepFor}} {
			if one.from != nil {
				*one.to = *one.from
			}
		}
		if body.Repository != nil {
			spec.Repository = body.Repository.Apply(spec.Repository)
		}
		if body.Deploy != nil {
			was := spec.Deploy
			if spec.Deploy = *body.Deploy; spec.Deploy.Target == "" && was.Target.Service() { // the service stays, for its tags alone to change
				spec.Deploy = was
				spec.Deploy.Tags = body.Deploy.Tags
			}
		}
		return sandbox.Defaults(spec)
	}
	wanted := c.spec(current)
	checks = append(checks, sandbox.CheckSpec(wanted), sandbox.CheckRepositoryChange(sandbox.Defaults(current).Repository, wanted.Repository))
	if body.Deploy != nil {
		checks = append(checks, a.Targets.Check(wanted.Deploy))
	}
	documents := wanted
	documents.WAF = current.WAF // whose rule is the spec's
	if current.Delivery != events.DeliveryCloudFront && !sameSite(documents, sandbox.Defaults(current)) {
		checks = append(checks, &sandbox.FieldError{Field: "indexDocument", Rule: fmt.Sprintf("as it is: the documents of a sandbox with delivery %s are chosen when it is made", current.Delivery)})
	}
	return c, together(checks...)
}

// sameSite reports whether two specs differ in nothing but the repository,
// what a push does, and how the sandbox ends by itself.
func sameSite(a, b events.Spec) bool {
	a.Deploy, a.Repository = b.Deploy, b.Repository
	a.IdleTime, a.WarnBefore, a.SleepFor = b.IdleTime, b.WarnBefore, b.SleepFor
	return a.Equal(b)
}

// apply changes s, and says whether an update must be started for it: its
// execution is written down with the change.
func (c *change) apply(s *sandbox.Sandbox, machine string) (log []sandbox.Event, mustRun bool, err error) {
	if s.Phase == sandbox.PhaseDeleting {
		return nil, false, &sandbox.DeletingError{Name: s.Name}
	}
	note := func(message string) {
		log = append(log, sandbox.Event{Type: sandbox.EventProgress, Message: message})
	}
	if c.owner != nil && *c.owner != s.Owner {
		note(fmt.Sprintf("owner changed from %s to %s", s.Owner, *c.owner))
		s.Owner = *c.owner
	}
	if c.expires != nil && !c.expires.Equal(s.ExpiresAt) {
		if s.ExpiresAt = *c.expires; s.ExpiresAt.IsZero() {
			note("lives until it is deleted")
		} else {
			note("lives until " + s.ExpiresAt.Format(time.RFC3339))
		}
	}
	spec, now := c.spec(s.Spec), sandbox.Defaults(s.Spec)
	if !spec.Deploy.Equal(now.Deploy) {
		s.Spec.Deploy = spec.Deploy
		note("what a push does is changed")
	}
	if spec.IdleTime != now.IdleTime || spec.WarnBefore != now.WarnBefore || spec.SleepFor != now.SleepFor {
		s.Spec.IdleTime, s.Spec.WarnBefore, s.Spec.SleepFor = spec.IdleTime, spec.WarnBefore, spec.SleepFor
		note(fmt.Sprintf("idle after %s, warned %s before, asleep for %s", spec.IdleTime, spec.WarnBefore, spec.SleepFor))
	}
	what := updated(spec, now)
	if what == "" {
		return log, false, nil
	}
	if s.ActiveRelease != "" {
		return nil, false, &sandbox.ReleaseUnderwayError{Name: s.Name, Release: s.ActiveRelease}
	}
	if s.Phase != sandbox.PhaseReady {
		return nil, false, &sandbox.PhaseError{Name: s.Name, Phase: s.Phase, Want: "its " + what + " can be changed when it is ready"}
	}
	s.Spec, s.Phase = spec, sandbox.PhaseUpdating
	s.Attempt++
	s.Execution = sandbox.ExecutionARN(machine, updateName(s.ID, s.Attempt))
	return append(log, sandbox.Event{Type: sandbox.EventPhase, Message: "updating the " + what}), true, nil
}

// updated names what must be updated for a spec to become another, "" for
// nothing.
func updated(wanted, now events.Spec) string {
	switch site, repository := !sameSite(wanted, now), !wanted.Repository.Equal(now.Repository); {
	case site && repository:
		return "distribution and repository"
	case site:
		return "distribution"
	case repository:
		return "repository"
	}
	return ""
}
