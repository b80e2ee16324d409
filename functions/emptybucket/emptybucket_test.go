package emptybucket_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/emptybucket"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveS3); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	site    = "mayfly-docs-abcdefgh23"
	uploads = "mayfly-uploads"
)

type world struct {
	clock *steptest.Clock
	store *steptest.Store
	s3    *steptest.S3
	flow  events.Flow
}

func newWorld(versions int) *world {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Phase = sandbox.PhaseDeleting
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), s3: steptest.NewS3("us-east-1")}
	w.s3.Buckets[site] = &steptest.Bucket{Tags: []types.Tag{{Key: aws.String(sandbox.TagSandboxID), Value: aws.String(of.ID)}}}
	w.s3.Buckets[uploads] = &steptest.Bucket{}
	w.s3.Fill(site, "", versions)
	w.flow = events.Flow{Sandbox: of.Event(), Made: events.Made{Bucket: &events.Bucket{Name: site, Region: "us-east-1"}}}
	return w
}

func (w *world) step(client emptybucket.Client) *emptybucket.Step {
	return emptybucket.New(client, w.store.Ledger(), emptybucket.Options{UploadBucket: uploads, Margin: 10 * time.Second, Parallel: 3, Now: w.clock.Now})
}

func TestEveryVersionMarkerAndUploadGoes(t *testing.T) {
	w := newWorld(2500)
	w.s3.PageSize = 400
	for i := range 1000 {
		w.s3.Buckets[site].Uploads = append(w.s3.Buckets[site].Uploads, steptest.Upload{Key: fmt.Sprintf("u%04d", i), ID: "1"})
	}
	for _, prefix := range []string{"uploads/abcdefgh23/", "manifests/abcdefgh23/", "uploads/abcdefgh234/", "manifests/other/", "x"} {
		w.s3.Fill(uploads, prefix, 10)
	}
	got, err := w.step(w.s3).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if got != (events.Emptied{Done: true, Deleted: 2520}) {
		t.Fatalf("returned %+v", got)
	}
	b := w.s3.Buckets[site]
	if len(b.Versions) != 0 || len(b.Uploads) != 0 || len(w.s3.Buckets[uploads].Versions) != 30 {
		t.Errorf("%d versions, %d uploads, %d in the upload bucket are left", len(b.Versions), len(b.Uploads), len(w.s3.Buckets[uploads].Versions))
	}
	if !strings.Contains(b.Policy, `"Effect":"Deny","Principal":"*","Action":["s3:PutObject"]`) || strings.Contains(b.Policy, "Allow") {
		t.Errorf("policy %s", b.Policy)
	}
	if calls := w.s3.Calls(); calls[1] != "PutBucketPolicy" {
		t.Errorf("writes were not denied before the deletion: %v", calls[:4])
	}

	w.flow.Emptied = &got // once more, after a late write
	w.s3.Fill(site, "late", 3)
	got, err = w.step(w.s3).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if got != (events.Emptied{Done: true, Deleted: 2523}) {
		t.Fatalf("returned %+v", got)
	}
}

// slow is an S3 on which each deletion takes time.
type slow struct {
	*steptest.S3
	passed atomic.Int64 // as a time.Duration
	took   time.Duration
}

func (s *slow) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput, o ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	out, err := s.S3.DeleteObjects(ctx, in, o...)
	s.passed.Add(int64(s.took))
	return out, err
}

func TestARunEndsBeforeItsDeadlineAndTheNextGoesOn(t *testing.T) {
	w := newWorld(5000)
	client := &slow{S3: w.s3, took: 7 * time.Second}
	runs := 0
	for {
		// The deadline is the real clock's, the step's clock the test's: only
		// the latter passes.
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Hour))
		deadline, _ := ctx.Deadline()
		begin := client.passed.Load()
		step := emptybucket.New(client, w.store.Ledger(), emptybucket.Options{
			Margin: 10 * time.Second, Parallel: 1,
			Now: func() time.Time { return deadline.Add(time.Duration(client.passed.Load()-begin) - 25*time.Second) },
		})
		got, err := step.Handle(ctx, w.flow)
		cancel()
		steptest.WantError(t, err, "")
		runs++
		w.flow.Emptied = &got
		if got.Done {
			break
		}
	}
	if runs < 2 || w.flow.Emptied.Deleted != 5000 || len(w.s3.Buckets[site].Versions) != 0 {
		t.Fatalf("%d runs deleted %d, %d are left", runs, w.flow.Emptied.Deleted, len(w.s3.Buckets[site].Versions))
	}
}

func TestARunWithoutTimeForABatchIsATimeout(t *testing.T) {
	w := newWorld(5)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Hour))
	defer cancel()
	deadline, _ := ctx.Deadline()
	step := emptybucket.New(w.s3, w.store.Ledger(), emptybucket.Options{Margin: 10 * time.Second, Now: func() time.Time { return deadline.Add(time.Millisecond) }})
	_, err := step.Handle(ctx, w.flow)
	steptest.WantError(t, err, "StepTimeout")
}

func TestWhatCantBeDeletedIsAnErrorOnceNothingElseIsLeft(t *testing.T) {
	w := newWorld(3000)
	w.s3.Denied["k000007"] = "AccessDenied"
	_, err := w.step(w.s3).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "AccessDenied")
	if left := len(w.s3.Buckets[site].Versions); left != 2 {
		t.Errorf("%d are left", left)
	}
	if !strings.Contains(err.Error(), "k000007") {
		t.Errorf("%v does not name the key", err)
	}
	w.s3.Denied["k000007"] = "InternalError" // which the machine retries
	_, err = w.step(w.s3).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "InternalError")
	delete(w.s3.Denied, "k000007")
	_, err = w.step(w.s3).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
}

func TestFaultsOfOneRunAreMadeUpForByTheNext(t *testing.T) {
	for _, operation := range []string{"GetBucketTagging", "PutBucketPolicy", "ListMultipartUploads", "AbortMultipartUpload", "ListObjectVersions", "DeleteObjects"} {
		for kind, order := range map[string]func(*steptest.S3){
			"NetworkError": func(s3 *steptest.S3) { s3.LoseReply(operation) },
			"SlowDown":     func(s3 *steptest.S3) { s3.Fail(operation, steptest.Refusal("SlowDown")) },
		} {
			t.Run(operation+" "+kind, func(t *testing.T) {
				w := newWorld(1500)
				w.s3.Buckets[site].Uploads = []steptest.Upload{{Key: "u", ID: "1"}}
				order(w.s3)
				_, err := w.step(w.s3).Handle(t.Context(), w.flow)
				steptest.WantError(t, err, kind)
				got, err := w.step(w.s3).Handle(t.Context(), w.flow)
				steptest.WantError(t, err, "")
				if !got.Done || len(w.s3.Buckets[site].Versions)+len(w.s3.Buckets[site].Uploads) != 0 {
					t.Fatalf("returned %+v", got)
				}
			})
		}
	}
}

func TestWhatIsNotThereIsDone(t *testing.T) {
	w := newWorld(0)
	delete(w.s3.Buckets, site)
	w.s3.Fill(uploads, "uploads/abcdefgh23/", 2)
	for _, made := range []events.Made{{}, w.flow.Made} {
		w.flow.Made = made
		got, err := w.step(w.s3).Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "")
		if !got.Done || len(w.s3.Buckets[uploads].Versions) != 0 {
			t.Fatalf("returned %+v", got)
		}
	}
}

func TestAnothersBucketIsLeftAlone(t *testing.T) {
	w := newWorld(4)
	w.s3.Buckets[site].Tags[0].Value = aws.String("zzzzzzzzzz")
	_, err := w.step(w.s3).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "NotOurs")
	if b := w.s3.Buckets[site]; len(b.Versions) != 4 || b.Policy != "" {
		t.Fatal("it was touched")
	}
}

// counting counts the deletions under way at once.
type counting struct {
	*steptest.S3
	now, most atomic.Int32
	gate      chan struct{}
}

func (c *counting) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput, o ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	if n == 3 {
		close(c.gate) // all three are under way: let them go
	}
	<-c.gate
	return c.S3.DeleteObjects(ctx, in, o...)
}

func TestSeveralBatchesAreDeletedAtOnceAndNoMore(t *testing.T) {
	w := newWorld(3000)
	client := &counting{S3: w.s3, gate: make(chan struct{})}
	_, err := w.step(client).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if client.most.Load() != 3 {
		t.Fatalf("%d at once, want 3", client.most.Load())
	}
}
