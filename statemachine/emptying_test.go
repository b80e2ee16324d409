package statemachine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/emptybucket"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/steptest"
)

// busy is an S3 whose answers take their time, and into which somebody whose
// uploads were under way still writes.
type busy struct {
	*steptest.S3
	bucket string
	// late is how many writes are still to come.
	late atomic.Int64
	n    atomic.Int64
}

func pass(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *busy) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput, o ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	if err := pass(ctx, 100*time.Millisecond); err != nil {
		return nil, err
	}
	return b.S3.ListObjectVersions(ctx, in, o...)
}

func (b *busy) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput, o ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	if err := pass(ctx, 600*time.Millisecond); err != nil {
		return nil, err
	}
	b.write(3)
	return b.S3.DeleteObjects(ctx, in, o...)
}

// write lets some of the late writes happen.
func (b *busy) write(n int) {
	if b.late.Add(-int64(n)) >= 0 {
		b.Fill(b.bucket, fmt.Sprintf("late-%d-", b.n.Add(1)), n)
	}
}

// TestEmptyingSurvivesLateWritersAndShortRuns: with a time limit of two seconds
// on each run of the step, in which S3 answers two or three calls, and with
// writes that come until the very deletion of the bucket.
func TestEmptyingSurvivesLateWritersAndShortRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, func(*events.Spec) {})
		defer c.close()
		if result, _ := c.run("provision", c.flow()); result.Status != asl.StatusSucceeded {
			t.Fatalf("provision: %s, %s", result.Error, result.Cause)
		}
		record, _ := c.record()
		bucket := record.Made().Bucket.Name
		const versions, late = 25_000, 150
		c.s3.Fill(bucket, "", versions)
		client := &busy{S3: c.s3, bucket: bucket}
		client.late.Store(late)

		const limit = 2 * time.Second
		empty := step(emptybucket.New(client, c.store.Ledger(), emptybucket.Options{UploadBucket: uploads, Margin: 20 * time.Second, Parallel: 2, Now: time.Now}).Handle)
		runs := 0
		c.steps["emptybucket"] = func(ctx context.Context, payload []byte) ([]byte, error) {
			runs++
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			out, err := empty(ctx, payload)
			if ctx.Err() != nil { // Lambda has ended the run, whatever it was about to say
				return nil, &asl.TaskError{Name: "Sandbox.Timedout", Cause: "Task timed out after 2.00 seconds"}
			}
			return out, err
		}
		remove := c.steps["deletebucket"]
		c.steps["deletebucket"] = func(ctx context.Context, payload []byte) ([]byte, error) {
			client.write(5)
			return remove(ctx, payload)
		}
		result, _ := c.run("teardown", c.flow())
		if result.Status != asl.StatusSucceeded {
			t.Fatalf("teardown: %s, %s", result.Error, result.Cause)
		}
		if _, there := c.record(); there || runs < versions/1000/4 {
			t.Errorf("the record is there: %v, after %d runs", there, runs)
		}
		c.wantNothing()
		t.Logf("%d versions and late writes went in %d runs of %s", versions+late, runs, limit)
	})
}
