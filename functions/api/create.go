package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// keyLife is how long an Idempotency-Key is remembered.
const keyLife = 24 * time.Hour

func (a server) CreateSandbox(ctx context.Context, request rest.CreateSandboxRequestObject) (rest.CreateSandboxResponseObject, error) {
	wanted, err := a.wanted(ctx, request.Body)
	if err != nil {
		return nil, err
	}
	if wanted.ID, err = sandbox.NewID(a.Random); err != nil {
		return nil, err
	}
	fresh := true
	if key := request.Params.IdempotencyKey; key != "" {
		if wanted.ID, fresh, err = a.holdKey(ctx, key, &wanted); err != nil {
			return nil, err
		}
	}
	made, err := a.claim(ctx, wanted, fresh)
	if err != nil {
		return nil, err
	}
	state, err := a.state(ctx, &made, a.history())
	if err != nil {
		return nil, err
	}
	if made.Phase != sandbox.PhaseProvisioning {
		return rest.CreateSandbox200JSONResponse{Body: state, Headers: rest.CreateSandbox200ResponseHeaders{Location: location(made.Name)}}, nil
	}
	return rest.CreateSandbox202JSONResponse{Body: state, Headers: rest.CreateSandbox202ResponseHeaders{Location: location(made.Name)}}, nil
}

// wanted checks a request whole and returns the sandbox that it asks for, or
// every rule that it breaks.
func (a *API) wanted(ctx context.Context, body *events.CreateSandbox) (sandbox.Sandbox, error) {
	now := a.now()
	s := sandbox.Sandbox{
		Name: body.Name, Owner: body.Owner, Phase: sandbox.PhaseProvisioning, CreatedAt: now,
		Spec: sandbox.Defaults(events.Spec{
			Delivery: body.Delivery, OriginAccess: body.OriginAccess, IndexDocument: body.IndexDocument,
			ErrorDocument: body.ErrorDocument, SinglePageApp: body.SinglePageApp, PriceClass: body.PriceClass, WAF: body.WAF,
			IdleTime: body.IdleTime, WarnBefore: body.WarnBefore, SleepFor: body.SleepFor,
			Repository: body.Repository, Deploy: body.Deploy,
		}),
	}
	if s.Owner == "" {
		s.Owner = callerOf(ctx).Name
	}
	if err := callerOf(ctx).Check(s.Owner); err != nil {
		return s, err
	}
	ttl, ttlErr := sandbox.ParseTTL(body.TTL)
	if err := together(sandbox.CheckName(s.Name), sandbox.CheckOwner(s.Owner), ttlErr, sandbox.CheckSpec(s.Spec), a.Targets.Check(s.Spec.Deploy)); err != nil {
		return s, err
	}
	if ttl > 0 {
		s.ExpiresAt = now.Add(ttl)
	}
	s.SpecDigest = sandbox.SpecDigest(s.Name, s.Owner, s.Spec, ttl)
	return s, nil
}

// together joins the broken rules of several checks.
func together(checks ...error) error {
	var all sandbox.FieldErrors
	for _, err := range checks {
		var many sandbox.FieldErrors
		var one *sandbox.FieldError
		switch {
		case errors.As(err, &many):
			all = append(all, many...)
		case errors.As(err, &one):
			all = append(all, one)
		case err != nil:
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// holdKey remembers an Idempotency-Key for a request, and returns the id of
// the sandbox that the key stands for; fresh says that it is new.
func (a *API) holdKey(ctx context.Context, key string, wanted *sandbox.Sandbox) (id string, fresh bool, err error) {
	for _, r := range key {
		if !unicode.IsPrint(r) {
			return "", false, invalid(events.BrokenRule{Field: "Idempotency-Key", Rule: "printable text"})
		}
	}
	if len(key) > 255 {
		return "", false, invalid(events.BrokenRule{Field: "Idempotency-Key", Rule: "at most 255 bytes"})
	}
	// Two people's keys are never the same key.
	known, found, err := a.Store.PutKey(ctx, sandbox.IdempotencyKey{
		Key: callerOf(ctx).Name + " " + key, Name: wanted.Name, ID: wanted.ID, Digest: wanted.SpecDigest, Expires: a.now().Add(keyLife),
	})
	if err != nil {
		return "", false, fmt.Errorf("remember the Idempotency-Key: %w", err)
	}
	if !found {
		return wanted.ID, true, nil
	}
	if known.Digest != wanted.SpecDigest {
		return "", false, &refusal{
			status: http.StatusUnprocessableEntity, kind: "key-reused", title: "The Idempotency-Key belongs to another request",
			detail: fmt.Sprintf("it was used for sandbox %q with other content; use a new key", known.Name),
		}
	}
	return known.ID, false, nil
}

// claim claims the name and starts the provision, or returns the sandbox that
// the same request made before. fresh says that wanted's id is new.
func (a *API) claim(ctx context.Context, wanted sandbox.Sandbox, fresh bool) (sandbox.Sandbox, error) {
	known, err := a.Store.Get(ctx, wanted.Name)
	switch {
	case err == nil && !known.Replaceable(wanted.Owner):
		return a.same(ctx, known, &wanted)
	case err != nil && !errors.Is(err, sandbox.ErrNotFound):
		return known, fmt.Errorf("look for sandbox %s: %w", wanted.Name, err)
	}
	wanted.Execution = sandbox.ExecutionARN(a.Machines.Provision, provisionName(wanted.ID))
	if !fresh {
		// The key's sandbox is not there: it was never claimed, or it is gone.
		status, err := a.status(ctx, wanted.Execution)
		if err != nil {
			return wanted, err
		}
		if status != absent {
			return wanted, &refusal{
				status: http.StatusConflict, kind: "key-used", title: "The Idempotency-Key's sandbox is gone",
				detail: fmt.Sprintf("sandbox %q was made with this key and is gone since; use a new key", wanted.Name),
			}
		}
	}
	if err := a.afford(ctx, wanted.Owner); err != nil {
		return wanted, err
	}
	if err := a.room(ctx, wanted.Spec); err != nil {
		return wanted, err
	}
	err = a.Store.Claim(ctx, wanted, sandbox.Event{Type: sandbox.EventClaimed, Message: "claimed by " + wanted.Owner})
	var taken *sandbox.NameTakenError
	if errors.As(err, &taken) {
		// Somebody was faster, perhaps the same request.
		if known, err := a.Store.Get(ctx, wanted.Name); err == nil {
			return a.same(ctx, known, &wanted)
		}
		return wanted, taken
	}
	if err != nil {
		return wanted, fmt.Errorf("claim %s: %w", wanted.Name, err)
	}
	if err := a.run(ctx, wanted.Execution, a.input(&wanted)); err != nil {
		return wanted, err
	}
	return a.Store.Get(ctx, wanted.Name)
}

// same returns known when the request that made it is the one for wanted, and
// otherwise why the name can't be had.
func (a *API) same(ctx context.Context, known sandbox.Sandbox, wanted *sandbox.Sandbox) (sandbox.Sandbox, error) {
	refused := &refusal{status: http.StatusConflict, kind: "name-in-use", title: "The name is in use", owner: known.Owner}
	switch {
	case known.Owner != wanted.Owner || known.SpecDigest != wanted.SpecDigest:
		refused.detail = (&sandbox.NameTakenError{Name: known.Name, Owner: known.Owner}).Error()
		return known, refused
	case known.Phase == sandbox.PhaseDeleting:
		refused.detail = fmt.Sprintf("sandbox %q is being deleted; ask again when it is gone", known.Name)
		return known, refused
	case known.Phase == sandbox.PhaseFailed:
		refused.detail = fmt.Sprintf("sandbox %q failed and left something behind; delete it first", known.Name)
		return known, refused
	case known.Phase == sandbox.PhaseProvisioning:
		return a.heal(ctx, known)
	}
	return known, nil
}
