// Package writeobjects is the step that writes the objects of one pass of a
// release: what the plan says, and nothing else.
package writeobjects

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "writeobjects"

// S3 is what the step needs of S3.
type S3 interface {
	s3store.Getter
	s3store.Putter
	CopyObject(context.Context, *s3.CopyObjectInput, ...func(*s3.Options)) (*s3.CopyObjectOutput, error)
	Multipart
}

// Multipart is what writing a large object needs.
type Multipart interface {
	CreateMultipartUpload(context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error)
	UploadPart(context.Context, *s3.UploadPartInput, ...func(*s3.Options)) (*s3.UploadPartOutput, error)
	CompleteMultipartUpload(context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error)
	AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error)
}

// Step writes objects.
type Step struct {
	s3     S3
	images Images
	ledger sandbox.Ledger
	limits release.Limits
	now    func() time.Time
}

// New returns the step. The limits are those under which the content was
// inspected.
func New(client S3, images Images, store sandbox.Updater, limits release.Limits, now func() time.Time) *Step {
	return &Step{s3: client, images: images, ledger: sandbox.Ledger{Store: store, Now: now}, limits: limits, now: now}
}

// Handle writes the entries of a pass from where the last run stopped. It
// stops when the pass is written, or in time before the function's own
// deadline; what it wrote is kept in S3 for the manifest before it answers. A
// run that is repeated writes the same content again.
//
// Content that is not what was inspected is not written: ContentChanged. A
// version that expired since is VersionExpired, an image or a layer that is
// gone ImageNotFound.
func (s *Step) Handle(ctx context.Context, in events.Write) (events.Written, error) {
	flow := in.Flow
	ref := sandbox.RefOf(flow.Sandbox)
	if _, err := s.ledger.BeginReleaseStep(ctx, ref, flow.Release.ID, Name); err != nil {
		return events.Written{}, err
	}
	before := flow.Assets
	if in.Pass == events.PassPages {
		before = flow.Pages
	}
	if before == nil {
		before = &events.Written{}
	}
	if flow.Plan == nil {
		return events.Written{}, fmt.Errorf("release %s has no plan", flow.Release.ID)
	}
	if before.Done {
		return *before, nil
	}
	if n, counted := flow.Plan.Passes[in.Pass]; counted && n == 0 {
		return events.Written{Done: true, Next: flow.Plan.Files}, nil
	}
	plan, err := s3store.GetPlan(ctx, s.s3, flow.Plan.Bucket, flow.Plan.Key)
	if err != nil {
		return events.Written{}, err
	}
	run := newRun(s, &plan, in.Pass, before.Next, s.cutoff(ctx))
	if run.left == 0 {
		return events.Written{Done: true, Next: len(plan.Entries), Objects: before.Objects, Bytes: before.Bytes}, nil
	}
	err = run.all(ctx)
	if err != nil {
		return events.Written{}, fmt.Errorf("write %s of release %s: %w", in.Pass, flow.Release.ID, err)
	}
	part := release.Part{PartHeader: release.PartHeader{Pass: in.Pass, From: before.Next, Next: run.next}, Written: run.written}
	if err := s3store.PutPart(ctx, s.s3, flow.Plan.Bucket, ref.ID, flow.Release.ID, part); err != nil {
		return events.Written{}, err
	}
	out := events.Written{
		Done: run.left == 0, Next: run.next,
		Objects: before.Objects + len(run.written), Bytes: before.Bytes + run.bytes,
	}
	line := fmt.Sprintf("%s: %d written, %d bytes", in.Pass, out.Objects, out.Bytes)
	return out, s.ledger.ReleaseProgress(ctx, ref, flow.Release.ID, Name, line)
}

// cutoff returns the time after which a run begins no more entries, so that
// what it has begun is finished and recorded before the function's deadline:
// a fifth of the time, at most a minute. It is zero without a deadline.
func (s *Step) cutoff(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	return deadline.Add(-min(deadline.Sub(s.now())/5, time.Minute))
}
