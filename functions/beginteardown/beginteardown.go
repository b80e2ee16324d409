// Package beginteardown is the step that begins every teardown: it closes the
// sandbox to flows that make things, and finds out what there is to delete,
// including what was made without the ledger's learning of it.
package beginteardown

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/find/buckets"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/find/repositories"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "beginteardown"

// Buckets is what the step needs of S3.
type Buckets interface{ buckets.Reader }

// Distributions is what the step needs of CloudFront.
type Distributions interface {
	distributions.Reader
	distributions.IdentityLister
	distributions.ControlLister
}

// Repositories is what the step needs of ECR.
type Repositories interface{ repositories.Reader }

// PublicRepositories is what the step needs of ECR Public.
type PublicRepositories interface{ repositories.PublicReader }

// Services are what the step looks for things in.
type Services struct {
	Buckets            Buckets
	Distributions      Distributions
	Repositories       Repositories
	PublicRepositories PublicRepositories
}

// Ledger is what the step writes down.
type Ledger interface {
	Enter(ctx context.Context, ref sandbox.Ref, phase sandbox.Phase, message string, failure *events.Failure) error
	Progress(ctx context.Context, ref sandbox.Ref, step, message string) error
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// Store is where the step reads the ledger and strikes lines out.
type Store interface {
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
	sandbox.Updater
}

// Options is what the step knows of its installation.
type Options struct {
	// Region is the region of the bucket client.
	Region string
	// Settle is how long after the begin of a teardown a create call that was
	// under way may still come to something: longer than the time limit of the
	// steps that create, plus what CloudFront's lists lag behind.
	Settle time.Duration
	Now    func() time.Time
}

// Step begins teardowns.
type Step struct {
	services Services
	ledger   Ledger
	store    Store
	options  Options
}

// New returns the step.
func New(services Services, ledger Ledger, store Store, options Options) *Step {
	return &Step{services: services, ledger: ledger, store: store, options: options}
}

// kinds are what there may be of a sandbox, in the order that it is looked for.
func kinds() []sandbox.Kind {
	return []sandbox.Kind{
		sandbox.KindBucket, sandbox.KindVersioning, sandbox.KindOAI, sandbox.KindOAC, sandbox.KindDistribution,
		sandbox.KindRepository, sandbox.KindPublicRepository,
	}
}

// NotSettledError says that something was intended, is not there, and may
// still come. The machine asks again.
type NotSettledError struct {
	Kind  sandbox.Kind
	Until time.Time
}

func (e *NotSettledError) Error() string {
	return fmt.Sprintf("a %s was about to be made and is not there; it may still come until %s", e.Kind, e.Until.Format(time.RFC3339))
}

// ErrorName is the name of the error in the state machines.
func (e *NotSettledError) ErrorName() string { return "NotSettled" }

// Handle brings the sandbox to phase deleting, in which the ledger refuses
// every new intent, and returns what was made of it. A sandbox that is gone
// has nothing made.
//
// An intent without a result is settled so: what is found on AWS is written
// down as made; what is not there is struck out once Options.Settle has passed
// since this step began, and is a *NotSettledError before. The time counts
// from here and not from the intent, because a step that is tried again does
// not renew its intent: only after the phase has changed can none begin any
// more. So the step ends well at the latest one Settle after its first run.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Made, error) {
	ref := sandbox.RefOf(in.Sandbox)
	if in.Orphan {
		return s.orphan(ctx, in)
	}
	record, err := s.begin(ctx, ref, in.Error)
	if errors.Is(err, sandbox.ErrNotFound) {
		return events.Made{}, nil
	}
	if err != nil {
		return events.Made{}, err
	}
	var unsettled error
	for _, kind := range kinds() {
		line, ok := record.Resource(kind)
		if !ok || line.Status == sandbox.StatusMade {
			continue
		}
		// Every kind is looked for, so that one wait serves all.
		if err := s.settle(ctx, ref, line, record.StepSince); err != nil {
			var wait *NotSettledError
			if !errors.As(err, &wait) {
				return events.Made{}, err
			}
			unsettled = err
		}
	}
	if unsettled != nil {
		return events.Made{}, unsettled
	}
	if record, err = s.get(ctx, ref); err != nil {
		return events.Made{}, err
	}
	made := record.Made()
	if made.Distribution != nil {
		// The teardown has changed nothing yet: its waits count from its own
		// changes, not from the creation.
		made.Distribution.ChangedAt = time.Time{}
	}
	return made, nil
}

// orphan begins the teardown of what was found of a sandbox without a record, or
// with one that failed and whose ledger has none of it: there is nothing to
// close, and what there is to delete comes with the flow. Every step proves it
// again before it deletes it. It returns a *[find.NotOursError] when there is a
// record that may need it.
func (s *Step) orphan(ctx context.Context, in events.Flow) (events.Made, error) {
	record, err := s.get(ctx, sandbox.RefOf(in.Sandbox))
	if errors.Is(err, sandbox.ErrNotFound) {
		return in.Made, nil
	}
	if err != nil {
		return events.Made{}, err
	}
	for _, kind := range kindsOf(in.Made) {
		if _, has := record.Resource(kind); has || record.Phase != sandbox.PhaseFailed {
			return events.Made{}, &find.NotOursError{
				Kind: string(kind), ID: "of sandbox " + in.Sandbox.Name, Why: fmt.Sprintf("its record is there, in phase %s", record.Phase),
			}
		}
	}
	return in.Made, nil
}

// kindsOf returns the kinds of what a flow carries.
func kindsOf(made events.Made) []sandbox.Kind {
	var all []sandbox.Kind
	if made.Bucket != nil {
		all = append(all, sandbox.KindBucket)
	}
	if made.Distribution != nil {
		all = append(all, sandbox.KindDistribution)
	}
	if made.OriginAccess != nil {
		all = append(all, map[events.OriginAccess]sandbox.Kind{events.OriginAccessIdentity: sandbox.KindOAI, events.OriginAccessControl: sandbox.KindOAC}[made.OriginAccess.Kind])
	}
	if made.Repository != nil {
		all = append(all, map[bool]sandbox.Kind{false: sandbox.KindRepository, true: sandbox.KindPublicRepository}[made.Repository.Public])
	}
	return all
}

// begin closes the sandbox and returns its record, with this step as the one
// under way and when it first began.
func (s *Step) begin(ctx context.Context, ref sandbox.Ref, why *events.Failure) (sandbox.Sandbox, error) {
	record, err := s.get(ctx, ref)
	if err != nil {
		return sandbox.Sandbox{}, err
	}
	if record.Phase != sandbox.PhaseDeleting {
		// The failure that is being undone is kept with the step it happened in.
		if err := s.ledger.Enter(ctx, ref, sandbox.PhaseDeleting, "being removed", why); err != nil {
			return sandbox.Sandbox{}, err
		}
	}
	if record.Phase == sandbox.PhaseDeleting && record.Step == step {
		return record, nil
	}
	if err := s.ledger.Progress(ctx, ref, step, "finding what there is to delete"); err != nil {
		return sandbox.Sandbox{}, err
	}
	return s.get(ctx, ref)
}

func (s *Step) get(ctx context.Context, ref sandbox.Ref) (sandbox.Sandbox, error) {
	record, err := s.store.Get(ctx, ref.Name)
	if err != nil {
		return sandbox.Sandbox{}, fmt.Errorf("read sandbox %s: %w", ref.Name, err)
	}
	if record.ID != ref.ID {
		return sandbox.Sandbox{}, fmt.Errorf("sandbox %s has a successor: %w", ref.Name, sandbox.ErrNotFound)
	}
	return record, nil
}
