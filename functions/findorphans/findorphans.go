// Package findorphans is the step that compares the account with the records
// and writes the report of it. It deletes nothing: it returns the teardowns of
// what is proven to be the installation's, when that is asked for.
package findorphans

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Objects is what the step needs of S3 for its reports.
type Objects interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Store is where the step reads the records, and writes the audit.
type Store interface {
	inventory.Records
	AddAudit(ctx context.Context, entry sandbox.Audit) error
}

// Options is what the step knows of its installation.
type Options struct {
	// UploadBucket is where the reports are.
	UploadBucket string
	// Batch is how many sandboxes are torn down at once, and Most in one run.
	Batch, Most int
	// Lag is how long lists may not show what is there.
	Lag time.Duration
	Now func() time.Time
}

// Step finds orphans.
type Step struct {
	account inventory.Account
	objects Objects
	store   Store
	options Options
}

// New returns the step.
func New(account inventory.Account, objects Objects, store Store, options Options) *Step {
	return &Step{account: account, objects: objects, store: store, options: options}
}

// Handle compares, writes the report of the run, and returns the next teardowns
// that are to be run, none when the run is at its end. Each sandbox is tried
// once in a run; what a run before has begun and is no longer found is told as
// torn down. The same again does the same again.
func (s *Step) Handle(ctx context.Context, in events.FindOrphans) (events.FoundOrphans, error) {
	before, err := s.before(ctx, in)
	if err != nil {
		return events.FoundOrphans{}, err
	}
	now := s.options.Now().UTC()
	found, err := inventory.Compare(ctx, s.account, s.store, inventory.Options{Now: now, Lag: s.options.Lag})
	if err != nil {
		return events.FoundOrphans{}, err
	}
	report := found.Report()
	report.Run, report.Fix, report.At, report.StartedAt, report.Status = in.Run, in.Fix, now, before.StartedAt, events.OrphanReportStatusRunning
	if report.StartedAt.IsZero() {
		report.StartedAt = now
	}
	out := events.FoundOrphans{Tried: append([]string{}, in.Tried...), Teardowns: []events.Flow{}}
	out.Gone = mention(&report, before, in.Tried)
	for i := range found.Findings {
		switch f := &found.Findings[i]; {
		case f.In == events.OrphanInRecord:
			out.Missing++
		case f.Proven:
			out.Proven++
			fallthrough
		default:
			out.Orphans++
		}
	}
	if in.Fix {
		out.Teardowns = found.Teardowns(min(s.options.Batch, s.options.Most-len(in.Tried)), func(id string) bool { return slices.Contains(in.Tried, id) })
	}
	for i := range out.Teardowns {
		id := out.Teardowns[i].Sandbox.ID
		out.Tried = append(out.Tried, id)
		if err := s.audit(ctx, in, &out.Teardowns[i], now); err != nil {
			return events.FoundOrphans{}, err
		}
	}
	keys := []string{inventory.ReportKey(in.Run)}
	if len(out.Teardowns) == 0 {
		report.Status = events.OrphanReportStatusDone
		keys = append(keys, inventory.LastKey)
		metric.Add(ctx, metric.Orphans, float64(out.Proven))
	}
	for _, key := range keys {
		if err := s.write(ctx, key, report); err != nil {
			return events.FoundOrphans{}, err
		}
	}
	return out, nil
}

// mention adds to a report what is no longer found of what this run has begun to
// tear down, and says of what is still found that it was left. It returns how
// much is gone.
func mention(report *events.OrphanReport, before events.OrphanReport, tried []string) (gone int) {
	still := make(map[[2]string]bool)
	for i := range report.Orphans {
		o := &report.Orphans[i]
		still[[2]string{o.Kind, o.ID}] = true
		if o.Proven && slices.Contains(tried, o.SandboxID) {
			o.State = events.OrphanStateLeft
		}
	}
	for _, o := range before.Orphans {
		if o.Proven && slices.Contains(tried, o.SandboxID) && !still[[2]string{o.Kind, o.ID}] {
			o.State = events.OrphanStateTornDown
			report.Orphans = append(report.Orphans, o)
			gone++
		}
	}
	return gone
}

// before returns the report of an earlier comparison in the same run; an empty
// one when this is the first.
func (s *Step) before(ctx context.Context, in events.FindOrphans) (events.OrphanReport, error) {
	var report events.OrphanReport
	if len(in.Tried) == 0 {
		return report, nil
	}
	key := inventory.ReportKey(in.Run)
	out, err := s.objects.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.options.UploadBucket, Key: &key})
	if awserr.Is(err, "NoSuchKey") {
		return report, nil
	}
	if err != nil {
		return report, fmt.Errorf("read the report of %s: %w", in.Run, err)
	}
	text, err := io.ReadAll(out.Body)
	_ = out.Body.Close() // it is read to its end
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil {
		return report, fmt.Errorf("read the report of %s: %w", in.Run, err)
	}
	return report, nil
}

func (s *Step) write(ctx context.Context, key string, report events.OrphanReport) error {
	text, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("report of %s: %w", report.Run, err)
	}
	_, err = s.objects.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.options.UploadBucket, Key: &key, Body: bytes.NewReader(text), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return fmt.Errorf("write the report of %s: %w", report.Run, err)
	}
	return nil
}

// audit writes down, before it begins, that what was found of a sandbox is torn
// down. It also keeps the proof: what the teardown changes is from then on
// changed within what is known of the sandbox.
func (s *Step) audit(ctx context.Context, in events.FindOrphans, flow *events.Flow, now time.Time) error {
	before := map[string]string{}
	for kind, id := range ids(flow.Made) {
		before[string(kind)] = id
	}
	return s.store.AddAudit(ctx, sandbox.Audit{
		ID: sandbox.AuditIDAt(now) + "-orphan-" + flow.Sandbox.ID, At: now, Action: sandbox.ActionOrphan,
		Sandbox: flow.Sandbox.Name, SandboxID: flow.Sandbox.ID, Owner: flow.Sandbox.Owner,
		Actor: sandbox.Actor{Principal: in.By, Trigger: in.Run}, Before: before,
	})
}

func ids(made events.Made) map[sandbox.Kind]string {
	all := make(map[sandbox.Kind]string)
	if made.Bucket != nil {
		all[sandbox.KindBucket] = made.Bucket.Name
	}
	if made.Distribution != nil {
		all[sandbox.KindDistribution] = made.Distribution.ID
	}
	switch access := made.OriginAccess; {
	case access == nil:
	case access.Kind == events.OriginAccessControl:
		all[sandbox.KindOAC] = access.ID
	default:
		all[sandbox.KindOAI] = access.ID
	}
	switch repository := made.Repository; {
	case repository == nil:
	case repository.Public:
		all[sandbox.KindPublicRepository] = repository.Name
	default:
		all[sandbox.KindRepository] = repository.Name
	}
	return all
}
