package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/functions/record"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/local/identity"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
	"github.com/mayfly-dev/mayfly/steptest"
)

// installation is an API with a real store over HTTP, an S3 that takes
// uploads, and flows that write what the real ones write.
type installation struct {
	// users, when set, are who may ask the API.
	users atomic.Pointer[identity.Users]
	// quotas are those of the account.
	quotas account

	// front is what answers at api.
	front   atomic.Pointer[http.Handler]
	api     *httptest.Server
	uploads *httptest.Server
	store   *sqlite.Store
	images  *steptest.ECR

	account held

	mu       sync.Mutex
	objects  map[string][]byte
	received map[string]int64
	status   map[string]sfntypes.ExecutionStatus
	failures map[string]string // machine → step
	flows    sync.WaitGroup
	// streams gets a value when a stream of events has begun.
	streams chan struct{}
}

// streamed tells of the beginning of a stream.
type streamed struct {
	http.ResponseWriter
	begun chan<- struct{}
}

func (s streamed) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s streamed) WriteHeader(status int) {
	s.ResponseWriter.WriteHeader(status)
	select {
	case s.begun <- struct{}{}:
	default:
	}
}

const machinePrefix = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-"

func newInstallation(dir string) (*installation, error) {
	in := &installation{objects: map[string][]byte{}, received: map[string]int64{}, status: map[string]sfntypes.ExecutionStatus{}, failures: map[string]string{}, streams: make(chan struct{}, 100), images: steptest.NewECR(time.Now)}
	var err error
	if in.store, err = sqlite.Open(context.Background(), filepath.Join(dir, "store.db"), time.Now); err != nil {
		return nil, err
	}
	in.uploads = httptest.NewServer(http.HandlerFunc(in.takeUpload))
	signer := s3.NewPresignClient(s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &in.uploads.URL, UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}))
	prices, err := cost.Listed()
	if err != nil {
		return nil, err
	}
	handler := api.New(api.Options{
		Store: in.store, Executions: in, Objects: in, Images: in.images, Presigner: signer, Activity: in, Nights: in.store, Costs: in.store, Quotas: &in.quotas, Prices: prices, Region: "us-east-1",
		Machines: api.Machines{
			Provision: machinePrefix + "provision", Update: machinePrefix + "update",
			Release: machinePrefix + "release", Rollout: machinePrefix + "rollout", Teardown: machinePrefix + "teardown",
			Sleep: machinePrefix + "sleep", Wake: machinePrefix + "wake", Orphans: machinePrefix + "orphans", Nightly: machinePrefix + "nightly",
		},
		Histories:    in,
		Classes:      in.store,
		UploadBucket: "uploads", SiteURL: "http://{domain}:4566/", Identify: in.identify,
		Now: time.Now, Random: rand.Reader, Logger: slog.New(slog.DiscardHandler), Version: "v0", Mode: "local",
		Stream: true, Poll: 2 * time.Millisecond,
	})
	in.front.Store(new(http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") == "text/event-stream" {
			w = streamed{w, in.streams}
		}
		handler.ServeHTTP(w, r)
	}))))
	in.api = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*in.front.Load()).ServeHTTP(w, r) }))
	return in, nil
}

// identify is Trusting until the installation asks for users.
func (in *installation) identify(r *http.Request) (access.Identity, error) {
	if users := in.users.Load(); users != nil {
		return users.Identify(r)
	}
	return api.Trusting("nobody")(r)
}

func (in *installation) close() {
	in.flows.Wait()
	in.api.CloseClientConnections()
	in.api.Close()
	in.uploads.Close()
	_ = in.store.Close()
}

func (in *installation) failNext(machine, step string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.failures[machine] = step
}

func (in *installation) takeUpload(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, r.Body)
	if r.Method != http.MethodPut || err != nil || r.Header.Get("X-Amz-Checksum-Sha256") == "" {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.received[strings.TrimPrefix(r.URL.Path, "/uploads/")] = n
}

func (in *installation) HeadObject(_ context.Context, i *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if _, ok := in.received[*i.Key]; !ok {
		return nil, &smithy.GenericAPIError{Code: "NotFound"}
	}
	return &s3.HeadObjectOutput{}, nil
}

func (in *installation) ListObjectVersions(_ context.Context, i *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	out := &s3.ListObjectVersionsOutput{IsTruncated: aws.Bool(false)}
	for n, version := range []string{"v2", "v1"} {
		if key := "docs/index.html"; strings.HasPrefix(key, aws.ToString(i.Prefix)) {
			out.Versions = append(out.Versions, s3types.ObjectVersion{
				Key: aws.String(key), VersionId: &version, IsLatest: aws.Bool(n == 0), Size: aws.Int64(int64(100 + n)),
				LastModified: aws.Time(time.Now().Add(-time.Duration(n) * time.Hour)), ETag: aws.String(`"e"`),
			})
		}
	}
	return out, nil
}

func (in *installation) StartExecution(_ context.Context, i *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	arn := strings.Replace(*i.StateMachineArn, ":stateMachine:", ":execution:", 1) + ":" + *i.Name
	machine := strings.TrimPrefix(*i.StateMachineArn, machinePrefix)
	in.mu.Lock()
	defer in.mu.Unlock()
	if _, ok := in.status[arn]; ok {
		return nil, &sfntypes.ExecutionAlreadyExists{}
	}
	in.status[arn] = sfntypes.ExecutionStatusRunning
	fail := in.failures[machine]
	delete(in.failures, machine)
	in.flows.Go(func() {
		status := sfntypes.ExecutionStatusSucceeded
		if err := in.flow(machine, *i.Name, []byte(*i.Input), fail); err != nil {
			status = sfntypes.ExecutionStatusFailed
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		in.status[arn] = status
	})
	return &sfn.StartExecutionOutput{ExecutionArn: &arn}, nil
}

func (in *installation) DescribeExecution(_ context.Context, i *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	status, ok := in.status[*i.ExecutionArn]
	if !ok {
		return nil, &sfntypes.ExecutionDoesNotExist{}
	}
	return &sfn.DescribeExecutionOutput{Status: status, ExecutionArn: i.ExecutionArn, Input: aws.String(`{}`)}, nil
}

// errFailed ends a flow whose failure was asked for.
var errFailed = errors.New("failed as asked")

// flow does to the store what a machine's steps do.
func (in *installation) flow(machine, name string, input []byte, fail string) error {
	ctx := context.Background()
	if machine == "orphans" {
		if fail != "" {
			return errFailed
		}
		return in.compare(ctx, name, input)
	}
	if machine == "release" {
		var flow events.ReleaseFlow
		if err := json.Unmarshal(input, &flow); err != nil {
			return err
		}
		return in.release(ctx, flow, fail)
	}
	var flow events.Flow
	if err := json.Unmarshal(input, &flow); err != nil {
		return err
	}
	ref := sandbox.RefOf(flow.Sandbox)
	ledger := sandbox.Ledger{Store: in.store, Now: time.Now}
	broken := &events.Failure{Error: "TooManyDistributions", Cause: "the quota of distributions is used up"}
	switch machine {
	case "provision":
		made := []struct {
			step string
			r    sandbox.Resource
		}{
			{"createbucket", sandbox.Resource{Kind: sandbox.KindBucket, ID: sandbox.BucketName(ref.Name, ref.ID, 0), Region: "us-east-1"}},
			{"enableversioning", sandbox.Resource{Kind: sandbox.KindVersioning, ID: "versioning"}},
			{"createoai", sandbox.Resource{Kind: sandbox.KindOAI, ID: "E2OAI"}},
			{"createrepository", sandbox.Resource{Kind: sandbox.KindRepository, ID: ref.Name, URI: "localhost:4566/" + ref.Name}},
			{"createdistribution", sandbox.Resource{Kind: sandbox.KindDistribution, ID: "E1DIST", DomainName: "d1.cloudfront.localhost"}},
		}
		for n, tag := range []string{"v1", "v2"} {
			in.images.Push(ref.Name, fmt.Sprintf("sha256:%064x", n+1), tag, time.Now())
		}
		for _, m := range made {
			spec, repository := flow.Sandbox.Spec, m.step == "createrepository"
			if spec.Delivery == events.DeliveryNone && !repository || repository && spec.Repository.Visibility == events.VisibilityNone {
				continue
			}
			if err := ledger.Begin(ctx, ref, m.step); err != nil {
				return err
			}
			if m.step == fail {
				_, err := in.store.Update(ctx, ref, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
					s.Resources = nil
					return nil, nil
				})
				return errors.Join(errFailed, err, ledger.Enter(ctx, ref, sandbox.PhaseFailed, m.step+" failed; nothing is left", broken))
			}
			if err := ledger.Made(ctx, ref, m.step, m.r); err != nil {
				return err
			}
		}
		return ledger.Enter(ctx, ref, sandbox.PhaseReady, "ready", nil)
	case "update":
		if err := ledger.Begin(ctx, ref, "updatedistribution"); err != nil {
			return err
		}
		return ledger.Enter(ctx, ref, sandbox.PhaseReady, "ready", nil)
	case "sleep", "wake":
		outcome := map[string]events.Outcome{"sleep": events.OutcomeAsleep, "wake": events.OutcomeAwake}[machine]
		if fail != "" {
			flow.Error, outcome = broken, map[string]events.Outcome{"sleep": events.OutcomeSleepFailed, "wake": events.OutcomeWakeFailed}[machine]
		}
		_, err := record.New(in.store, time.Now).Handle(ctx, events.Record{Outcome: outcome, Flow: flow})
		return err
	case "nightly":
		return in.night(ctx, input)
	case "teardown":
		if fail != "" {
			return errors.Join(errFailed, ledger.Enter(ctx, ref, sandbox.PhaseFailed, "could not be removed whole; left behind: bucket", broken))
		}
		if err := ledger.Gone(ctx, ref, "deletebucket", sandbox.KindBucket); err != nil {
			return err
		}
		return in.store.Remove(ctx, ref)
	}
	return fmt.Errorf("no such machine: %s", machine)
}

// night is a night that warns of the sandbox idle, and keeps all others.
func (in *installation) night(ctx context.Context, input []byte) error {
	var asked events.NightAsked
	if err := json.Unmarshal(input, &asked); err != nil {
		return err
	}
	now := time.Now().UTC()
	n, _, err := in.store.ClaimNight(ctx, night.Night{ID: night.IDAt(now), Status: night.Deciding, StartedAt: now, Execution: in.nightly(), By: asked.By}, "")
	if err != nil {
		return err
	}
	item := night.Item{Name: "idle", ID: "1", Owner: "ada", Outcome: night.Noted, Decision: lifecycle.Decision{
		Act: lifecycle.Warn, Reason: "no request since Monday 14:02 UTC", Next: lifecycle.Sleep, Due: now.Add(24 * time.Hour),
	}}
	if err := in.store.PutItems(ctx, n.ID, []night.Item{item}); err != nil {
		return err
	}
	_, err = in.store.UpdateNight(ctx, n.ID, func(n *night.Night) error {
		n.Status, n.EndedAt, n.Counts = night.Done, time.Now().UTC(), night.Counts{Seen: 3, Kept: 2, Warned: 1}
		n.Trouble("sandbox other: the store was away")
		return nil
	})
	return err
}

// nightly is the ARN of the nightly machine's only execution.
func (in *installation) nightly() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	for arn := range in.status {
		if strings.Contains(arn, ":mayfly-nightly:") {
			return arn
		}
	}
	return ""
}

func (in *installation) release(ctx context.Context, flow events.ReleaseFlow, fail string) error {
	ref := sandbox.RefOf(flow.Sandbox)
	r, err := in.store.GetRelease(ctx, ref, flow.Release.ID)
	if err != nil {
		return err
	}
	r.Status, r.EndedAt, r.Files, r.Bytes, r.Written = sandbox.ReleaseLive, time.Now(), 2, 2000, 1
	r.ManifestBucket, r.ManifestKey = "uploads", release.ManifestKey(ref.ID, r.ID)
	if fail != "" {
		r.Status, r.Failure = sandbox.ReleaseFailed, &events.Failure{Error: "BadContent", Cause: `entry "../x" leaves the site`}
		r.ManifestBucket, r.ManifestKey = "", ""
	}
	if err := in.keepManifest(ref.ID, r.ID); err != nil {
		return err
	}
	return sandbox.EndRelease(ctx, in.store, ref, r)
}

// keepManifest keeps what a release consists of: an index page with content of
// its own, and a page that no other release has.
func (in *installation) keepManifest(sandboxID, id string) error {
	var packed bytes.Buffer
	err := release.WriteManifest(&packed, release.Manifest{
		ManifestHeader: release.ManifestHeader{SandboxID: sandboxID, Release: id},
		Objects: []release.Object{
			{Path: "index.html", Size: 1500, SHA256: id},
			{Path: "only-" + id + ".html", Size: 500, SHA256: id},
		},
	})
	in.mu.Lock()
	defer in.mu.Unlock()
	in.objects[release.ManifestKey(sandboxID, id)] = packed.Bytes()
	return err
}

// releaseID returns the id of a sandbox's nth newest release.
func (in *installation) releaseID(name string, n int) (string, error) {
	s, err := in.store.Get(context.Background(), name)
	if err != nil {
		return "", err
	}
	all, _, err := in.store.ListReleases(context.Background(), s.Ref(), sandbox.Page{Limit: 100})
	slices.SortFunc(all, func(a, b sandbox.Release) int { return b.CreatedAt.Compare(a.CreatedAt) })
	if err != nil || n >= len(all) {
		return "", err
	}
	return all[n].ID, nil
}

// Read tells that the sandbox was used by a request two hours ago, but for one
// called unknown, of which CloudWatch tells nothing.
func (in *installation) Read(_ context.Context, subjects []activity.Subject, since time.Time) []activity.Activity {
	now := time.Now().UTC()
	all := make([]activity.Activity, len(subjects))
	for i, subject := range subjects {
		all[i] = activity.Activity{Last: activity.Use{Kind: activity.Request, At: now.Add(-2 * time.Hour)}, Since: since, Until: now}
		if subject.Ref.Name == "unknown" {
			all[i].Last, all[i].Unknown = subject.Known, []string{"CloudWatch was asked for AWS/CloudFront Requests: Rate exceeded"}
		}
	}
	return all
}

// Usage tells of requests today, and of pulls and pushes on all days before.
// Meter counts 120,000 requests with 12 GB of each sandbox, and nothing of those
// that are called unknown.
func (in *installation) Meter(_ context.Context, subjects []activity.Subject, start, end time.Time) []activity.Metered {
	all := make([]activity.Metered, len(subjects))
	for i, s := range subjects {
		all[i] = activity.Metered{Requests: 120_000, BytesDownloaded: 12 << 30}
		if s.Ref.Name == "unknown" {
			all[i] = activity.Metered{Unknown: []string{"CloudWatch was asked for AWS/CloudFront Requests: Rate exceeded"}}
		}
		all[i].Stored = make([]*uint64, int(end.Sub(start)/(24*time.Hour))+1)
	}
	return all
}

func (in *installation) Usage(_ context.Context, subject activity.Subject, days int) activity.Usage {
	errors, hits := 2.5, 91.25
	u := activity.Usage{Days: make([]activity.Day, days), Held: activity.Holdings{Images: 3, Bytes: 12_000_000}}
	for i := range u.Days {
		u.Days[i] = activity.Day{Date: time.Date(2026, 7, 1+i, 0, 0, 0, 0, time.UTC), Pulls: 3, Pushes: 1}
	}
	u.Days[days-1] = activity.Day{Date: u.Days[days-1].Date, Requests: 120, BytesDownloaded: 1_200_000, BytesUploaded: 7, ErrorRate: &errors, HitRate: &hits}
	if subject.Ref.Name == "unknown" {
		u = activity.Usage{Days: make([]activity.Day, days)}
	}
	return u
}
