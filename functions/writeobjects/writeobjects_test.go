package writeobjects_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/writeobjects"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	site    = "site"
	uploads = "uploads"
)

// prepared returns an S3 with an archive and the plan that writes all of it,
// and the flow that goes with them.
func prepared(t *testing.T, files ...releasetest.File) (*releasetest.S3, *releasetest.Store, events.ReleaseFlow) {
	t.Helper()
	client := &releasetest.S3{}
	client.CreateBucket(site)
	client.CreateBucket(uploads)
	store := releasetest.NewStore(sandbox.Sandbox{ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r"})
	put, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: ptr(uploads), Key: ptr("archive"), Body: bytes.NewReader(releasetest.TarGz(files...))})
	if err != nil {
		t.Fatal(err)
	}
	archive, err := s3store.OpenArchive(t.Context(), client, uploads, "archive", "")
	if err != nil {
		t.Fatal(err)
	}
	limits := release.DefaultLimits()
	limits.Ratio = 1 << 20
	inspected, err := release.Inspect(t.Context(), archive.Content(t.Context()), limits, files[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := release.PlanFiles(inspected, nil, func(func(release.Listed, error) bool) {})
	if err != nil {
		t.Fatal(err)
	}
	source := events.ReleaseSource{Kind: events.SourceUpload, Bucket: uploads, Key: "archive"}
	plan.PlanHeader = release.PlanHeader{SandboxID: "id", Release: "r", Source: source, Bucket: site, ArchiveETag: strings.Trim(*put.ETag, `"`)}
	if err := s3store.PutPlan(t.Context(), client, uploads, plan); err != nil {
		t.Fatal(err)
	}
	client.Calls()
	return client, store, events.ReleaseFlow{
		Sandbox: events.Sandbox{ID: "id", Name: "shop"}, Release: events.Release{ID: "r", Source: source},
		Plan: &events.ReleasePlan{Bucket: uploads, Key: release.PlanKey("id", "r"), Changed: true},
	}
}

func ptr(s string) *string { return &s }

func loose() release.Limits {
	limits := release.DefaultLimits()
	limits.Ratio = 1 << 20
	return limits
}

func numbered(n int) (files []releasetest.File) {
	for i := range n {
		files = append(files, releasetest.File{Name: fmt.Sprintf("f%03d.txt", i), Content: fmt.Sprint(i)})
	}
	return files
}

func TestARunStopsBeforeItsDeadlineAndTheNextGoesOn(t *testing.T) {
	client, store, flow := prepared(t, numbered(40)...)
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	now := start
	clock := func() time.Time { // each look at the clock takes ten seconds
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(10 * time.Second)
		return now
	}
	step := writeobjects.New(client, nil, store, loose(), clock)
	runs, next := 0, 0
	for done := false; !done; runs++ {
		ctx := deadline{t.Context(), clock().Add(100 * time.Second)}
		out, err := step.Handle(ctx, events.Write{Pass: events.PassAssets, Flow: flow})
		if err != nil {
			t.Fatal(err)
		}
		if out.Next <= next || out.Objects != out.Next {
			t.Fatalf("run %d from %d: %+v", runs, next, out)
		}
		next, done, flow.Assets = out.Next, out.Done, &out
	}
	if runs < 3 || runs > 39 {
		t.Errorf("%d runs", runs)
	}
	seen := make(map[int]bool)
	for key := range client.Objects(uploads) {
		if !strings.Contains(key, "/assets-") {
			continue
		}
		part, err := s3store.GetPart(t.Context(), client, uploads, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range part.Written {
			if versions := client.Versions(site, fmt.Sprintf("f%03d.txt", e.Index)); seen[e.Index] || len(versions) != 1 || versions[0].ID != e.VersionID || versions[0].ETag != e.ETag {
				t.Errorf("part %s: %+v", key, e)
			}
			seen[e.Index] = true
		}
	}
	if len(seen) != 40 || len(client.Objects(site)) != 40 {
		t.Errorf("%d recorded, %d written", len(seen), len(client.Objects(site)))
	}
	out, err := step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow})
	if err != nil || !out.Done || out.Objects != 40 {
		t.Errorf("after the end: %+v, %v", out, err)
	}
}

// deadline is a context whose deadline is by the test's clock.
type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }

func TestALargeObjectIsWrittenInPartsAndASmallOneInOneCall(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", (2*release.PartBytes+4096)/16)
	exact := strings.Repeat("x", release.PartBytes)
	client, store, flow := prepared(t, releasetest.File{Name: "large.bin", Content: large}, releasetest.File{Name: "exact.bin", Content: exact})
	step := writeobjects.New(client, nil, store, loose(), time.Now)
	if _, err := step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow}); err != nil {
		t.Fatal(err)
	}
	objects := client.Objects(site)
	if objects["large.bin"] != large || objects["exact.bin"] != exact {
		t.Error("other content was written")
	}
	calls := client.Calls()
	count := func(call string) (n int) {
		for _, c := range calls {
			if c == call {
				n++
			}
		}
		return n
	}
	if count("UploadPart site/large.bin") != 3 || count("CompleteMultipartUpload site/large.bin") != 1 || count("PutObject site/exact.bin") != 1 || client.Uploads() != 0 {
		t.Errorf("calls: %q", calls)
	}
	v := client.Versions(site, "large.bin")[0]
	if v.ContentType != "application/octet-stream" || v.CacheControl != release.CacheOther {
		t.Errorf("headers: %s, %s", v.ContentType, v.CacheControl)
	}
}

func TestAPartThatFailsGivesTheUploadUp(t *testing.T) {
	for _, operation := range []string{"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"} {
		client, store, flow := prepared(t, releasetest.File{Name: "large.bin", Content: strings.Repeat("x", 3*release.PartBytes)})
		client.Fail = func(op, _ string) error {
			if op == operation {
				return releasetest.Error("SlowDown")
			}
			return nil
		}
		step := writeobjects.New(client, nil, store, loose(), time.Now)
		_, err := step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow})
		if awserr.Name(err) != "SlowDown" {
			t.Errorf("%s: %v", operation, err)
		}
		if client.Uploads() != 0 || len(client.Objects(site)) != 0 {
			t.Errorf("%s: %d uploads, %d objects are left", operation, client.Uploads(), len(client.Objects(site)))
		}
	}
}

func TestContentThatIsNotThePlansIsNotWritten(t *testing.T) {
	for _, size := range []int{10, 2 * release.PartBytes} {
		client, store, flow := prepared(t, releasetest.File{Name: "a.bin", Content: strings.Repeat("x", size)})
		plan, err := s3store.GetPlan(t.Context(), client, uploads, flow.Plan.Key)
		if err != nil {
			t.Fatal(err)
		}
		plan.Entries[0].SHA256 = strings.Repeat("0", 64)
		if err := s3store.PutPlan(t.Context(), client, uploads, plan); err != nil {
			t.Fatal(err)
		}
		step := writeobjects.New(client, nil, store, loose(), time.Now)
		_, err = step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow})
		var changed *release.ChangedError
		if !errors.As(err, &changed) || len(client.Objects(site)) != 0 || client.Uploads() != 0 {
			t.Errorf("%d bytes: %v, %d objects", size, err, len(client.Objects(site)))
		}
	}
}

// crowded lets writes wait until no more of them come, and sees how much is in
// memory then.
type crowded struct {
	*releasetest.S3
	mu          sync.Mutex
	bytes, most int64
	calls, peak int
}

func (c *crowded) enter(n int64) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes, c.calls = c.bytes+n, c.calls+1
	c.most, c.peak = max(c.most, c.bytes), max(c.peak, c.calls)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bytes, c.calls = c.bytes-n, c.calls-1
	}
}

func (c *crowded) PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	if *in.Bucket == site {
		defer c.enter(*in.ContentLength)()
		defer wait(ctx)
	}
	return c.S3.PutObject(ctx, in, opts...)
}

func (c *crowded) UploadPart(ctx context.Context, in *s3.UploadPartInput, opts ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	defer c.enter(*in.ContentLength)()
	defer wait(ctx)
	return c.S3.UploadPart(ctx, in, opts...)
}

// wait is as long as a slow S3.
func wait(ctx context.Context) {
	timer := time.NewTimer(2 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func TestWritesAreBoundedInNumberAndInBytes(t *testing.T) {
	many := numbered(200)
	var large []releasetest.File
	for i := range 6 {
		large = append(large, releasetest.File{Name: fmt.Sprintf("l%d.bin", i), Content: strings.Repeat(fmt.Sprint(i), 4<<20)})
	}
	large = append(large, releasetest.File{Name: "huge.bin", Content: strings.Repeat("h", 50<<20)})
	for name, files := range map[string][]releasetest.File{"many": many, "large": large} {
		client, store, flow := prepared(t, files...)
		crowd := &crowded{S3: client}
		step := writeobjects.New(crowd, nil, store, loose(), time.Now)
		if _, err := step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow}); err != nil {
			t.Fatal(err)
		}
		if crowd.peak > 16 || crowd.peak < 2 || crowd.most > 32<<20 {
			t.Errorf("%s: %d at once, %d bytes at once", name, crowd.peak, crowd.most)
		}
		if len(client.Objects(site)) != len(files) {
			t.Errorf("%s: %d written", name, len(client.Objects(site)))
		}
	}
}

func TestAPassWithoutEntriesReadsNoArchive(t *testing.T) {
	client, store, flow := prepared(t, numbered(3)...)
	client.Fail = func(op, key string) error {
		if key == "archive" {
			return releasetest.Error("AccessDenied")
		}
		return nil
	}
	step := writeobjects.New(client, nil, store, loose(), time.Now)
	out, err := step.Handle(t.Context(), events.Write{Pass: events.PassPages, Flow: flow})
	if err != nil || !out.Done || len(client.Calls()) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow})
	if awserr.Name(err) != "AccessDenied" {
		t.Errorf("error %v", err)
	}

	// Where the flow counts them, not even the plan is read.
	flow.Plan.Passes, flow.Plan.Files = map[events.Pass]int{events.PassAssets: 3, events.PassPages: 0}, 3
	client.Fail = func(string, string) error { return releasetest.Error("AccessDenied") }
	out, err = step.Handle(t.Context(), events.Write{Pass: events.PassPages, Flow: flow})
	if err != nil || out != (events.Written{Done: true, Next: 3}) {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err = step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow}); awserr.Name(err) != "AccessDenied" {
		t.Errorf("error %v", err)
	}
}

// stuck answers to no write after the first ones until it is given up.
type stuck struct{ *releasetest.S3 }

func (s stuck) PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	if *in.Bucket == site && *in.Key > "f020.txt" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.S3.PutObject(ctx, in, opts...)
}

func TestAWriteThatFailsStopsTheOthersAndNamesItsObject(t *testing.T) {
	client, store, flow := prepared(t, numbered(300)...)
	client.Fail = func(op, key string) error {
		if op == "PutObject" && key == "f010.txt" {
			return releasetest.Error("ServiceUnavailable")
		}
		return nil
	}
	step := writeobjects.New(stuck{client}, nil, store, loose(), time.Now)
	_, err := step.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow})
	if awserr.Name(err) != "ServiceUnavailable" || !strings.Contains(err.Error(), `"f010.txt"`) {
		t.Errorf("error %v", err)
	}
	if n := len(client.Objects(site)); n > 20 {
		t.Errorf("%d were written", n)
	}
	if slices.ContainsFunc(client.Calls(), func(c string) bool { return strings.Contains(c, "assets-") }) {
		t.Error("a failed run recorded a part")
	}
}
