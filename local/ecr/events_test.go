package ecr_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

// bus records events, and refuses as many as it is told to.
type bus struct {
	mu     sync.Mutex
	refuse int
	events []local.Event
	got    chan local.Event
}

func newBus() *bus { return &bus{got: make(chan local.Event, 100)} }

func (b *bus) Put(_ context.Context, e local.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse > 0 {
		b.refuse--
		return errors.New("the bus is full")
	}
	b.events = append(b.events, e)
	b.got <- e
	return nil
}

// next is the detail of the next event, which is of a kind.
func (b *bus) next(t *testing.T, kind string) map[string]any {
	t.Helper()
	select {
	case e := <-b.got:
		if e.DetailType != kind || e.ID == "" || e.Time.IsZero() {
			t.Errorf("event %+v, want a %s", e, kind)
		}
		var detail map[string]any
		must(t, json.Unmarshal(e.Detail, &detail))
		return detail
	case <-time.After(time.Minute):
		t.Fatal("no event")
		return nil
	}
}

func (b *bus) wantAction(t *testing.T, action, digest, tag string) {
	t.Helper()
	want := map[string]any{"result": "SUCCESS", "repository-name": "site", "image-digest": digest, "action-type": action}
	if tag != "" {
		want["image-tag"] = tag
	}
	if got := b.next(t, "ECR Image Action"); !sameJSON(t, got, want) {
		t.Errorf("event %v, want %v", got, want)
	}
}

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	must(t, err)
	y, err := json.Marshal(b)
	must(t, err)
	return string(x) == string(y)
}

func TestPushesAndDeletionsAreAnnounced(t *testing.T) {
	b := newBus()
	f := start(t, local.Options{Events: b})
	f.create("site")
	image := f.push("site:v1", 1)
	digest := digestOf(t, image)
	b.wantAction(t, "PUSH", digest, "v1")
	must(t, remote.Write(f.ref("site:v2"), image, f.remote()...))
	b.wantAction(t, "PUSH", digest, "v2")
	must(t, remote.Write(f.ref("site:v2"), image, f.remote()...)) // changes nothing
	f.remove("site", types.ImageIdentifier{ImageTag: ptr("v2")})
	b.wantAction(t, "DELETE", digest, "v2")
	f.remove("site", types.ImageIdentifier{ImageDigest: &digest})
	b.wantAction(t, "DELETE", digest, "v1")
	other := newImage(t, 2, 1)
	must(t, remote.Write(f.ref("site@"+digestOf(t, other)), other, f.remote()...))
	b.wantAction(t, "PUSH", digestOf(t, other), "")
	// A push that is refused is none.
	f.wantRaw(http.MethodPut, "/v2/site/manifests/v3", nil, "{}", http.StatusMethodNotAllowed, "UNSUPPORTED")
	f.push("site:v4", 4)
	if detail := b.next(t, "ECR Image Action"); detail["image-tag"] != "v4" {
		t.Errorf("event %v", detail)
	}
}

// The bus is down when the image is pushed, and when the process ends: the
// next process tells it.
func TestNoPushIsForgotten(t *testing.T) {
	dir := t.TempDir()
	down := newBus()
	down.refuse = 1 << 30
	f := start(t, local.Options{Dir: dir, Events: down})
	f.create("site")
	first, second := f.push("site:v1", 1), f.push("site:v2", 2)
	f.stop()
	up := newBus()
	start(t, local.Options{Dir: dir, Events: up})
	up.wantAction(t, "PUSH", digestOf(t, first), "v1")
	up.wantAction(t, "PUSH", digestOf(t, second), "v2")
}

// An event is handed over again until the bus takes it, with the same ID, and
// in its order.
func TestABusThatFailsIsAskedAgain(t *testing.T) {
	dir := t.TempDir()
	never := newBus()
	never.refuse = 1 << 30
	f := start(t, local.Options{Dir: dir, Events: never})
	f.create("site")
	f.putMany("site", 5)
	f.stop()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.refuse = 3
		began := time.Now()
		service, err := local.New(local.Options{Dir: dir, Host: "localhost:4566", Events: b})
		must(t, err)
		var tags []string
		for range 5 {
			var detail struct {
				Tag string `json:"image-tag"`
			}
			must(t, json.Unmarshal((<-b.got).Detail, &detail))
			tags = append(tags, detail.Tag)
		}
		if !slices.Equal(tags, []string{"t000", "t001", "t002", "t003", "t004"}) {
			t.Errorf("in the order %v", tags)
		}
		if waited := time.Since(began); waited != 700*time.Millisecond { // 100 + 200 + 400
			t.Errorf("waited %s between the tries", waited)
		}
		must(t, service.Close())
	})
}

// counts is a metrics sink.
type counts struct {
	mu            sync.Mutex
	pulls, pushes int
	bytes         int64
}

func (c *counts) Pulled(string, time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.pulls++ }

func (c *counts) Pushed(_ string, bytes int64, _ time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pushes++
	c.bytes += bytes
}

func TestPullsAndPushesAreCounted(t *testing.T) {
	c := &counts{}
	time0 := &clock{now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	f := start(t, local.Options{Metrics: c, Now: time0.Now})
	f.create("site")
	image := f.push("site:v1", 1)
	must(t, remote.Write(f.ref("site:v2"), image, f.remote()...))
	size := *f.describe("site")[0].ImageSizeInBytes
	if detail := f.describe("site")[0]; detail.LastRecordedPullTime != nil || !detail.ImagePushedAt.Equal(time0.now) {
		t.Errorf("before a pull: %+v", detail)
	}
	time0.advance(time.Minute)
	_, err := remote.Head(f.ref("site:v1"), f.remote()...) // is no pull
	must(t, err)
	for range 3 {
		_, err = remote.Get(f.ref("site:v1"), f.remote()...)
		must(t, err)
	}
	_, err = f.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: ptr("site"), ImageIds: []types.ImageIdentifier{{ImageTag: ptr("v1")}}})
	must(t, err)
	if c.pulls != 4 || c.pushes != 2 || c.bytes != 2*size {
		t.Errorf("counted %+v, size %d", c, size)
	}
	if detail := f.describe("site")[0]; !detail.LastRecordedPullTime.Equal(time0.now) {
		t.Errorf("pulled at %s", detail.LastRecordedPullTime)
	}
	usage, err := f.service.Usage(t.Context())
	must(t, err)
	if len(usage) != 1 || usage[0] != (local.Usage{Repository: "site", Images: 1, Bytes: usage[0].Bytes, Pulls: 4, Pushes: 2}) || usage[0].Bytes != size {
		t.Errorf("usage %+v", usage)
	}
}

func TestScans(t *testing.T) {
	b := newBus()
	time0 := &clock{now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	f := start(t, local.Options{Events: b, Now: time0.Now})
	f.create("site")
	image := f.push("site:v1", 1)
	b.next(t, "ECR Image Action")
	id := &types.ImageIdentifier{ImageTag: ptr("v1")}
	_, err := f.DescribeImageScanFindings(t.Context(), &ecr.DescribeImageScanFindingsInput{RepositoryName: ptr("site"), ImageId: id})
	wantCode(t, err, "ScanNotFoundException")
	begun, err := f.StartImageScan(t.Context(), &ecr.StartImageScanInput{RepositoryName: ptr("site"), ImageId: id})
	must(t, err)
	if begun.ImageScanStatus.Status != types.ScanStatusInProgress || *begun.ImageId.ImageDigest != digestOf(t, image) {
		t.Errorf("begun: %+v", begun)
	}
	if detail := b.next(t, "ECR Image Scan"); detail["scan-status"] != "UNSUPPORTED_IMAGE" || detail["image-digest"] != digestOf(t, image) {
		t.Errorf("event: %v", detail)
	}
	done, err := f.DescribeImageScanFindings(t.Context(), &ecr.DescribeImageScanFindingsInput{RepositoryName: ptr("site"), ImageId: id})
	must(t, err)
	if done.ImageScanStatus.Status != types.ScanStatusUnsupportedImage || done.ImageScanFindings != nil {
		t.Errorf("done: %+v", done)
	}
	if detail := f.describe("site")[0]; detail.ImageScanStatus.Status != types.ScanStatusUnsupportedImage {
		t.Errorf("described: %+v", detail.ImageScanStatus)
	}
	_, err = f.StartImageScan(t.Context(), &ecr.StartImageScanInput{RepositoryName: ptr("site"), ImageId: id})
	wantCode(t, err, "LimitExceededException")
	time0.advance(25 * time.Hour)
	_, err = f.StartImageScan(t.Context(), &ecr.StartImageScanInput{RepositoryName: ptr("site"), ImageId: id})
	must(t, err)
	b.next(t, "ECR Image Scan")

	_, err = f.PutImageScanningConfiguration(t.Context(), &ecr.PutImageScanningConfigurationInput{RepositoryName: ptr("site"), ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true}})
	must(t, err)
	f.auth = nil
	f.push("site:v2", 2)
	b.next(t, "ECR Image Action")
	b.next(t, "ECR Image Scan")
	_, err = f.StartImageScan(t.Context(), &ecr.StartImageScanInput{RepositoryName: ptr("site"), ImageId: &types.ImageIdentifier{ImageTag: ptr("v9")}})
	wantCode(t, err, "ImageNotFoundException")
}
