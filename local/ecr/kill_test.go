package ecr_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

// victimDir, in the environment, makes this binary a process that is killed.
const victimDir = "MAYFLY_ECR_TEST_VICTIM"

// told prints each event that the victim's bus took.
type told struct{}

func (told) Put(_ context.Context, e local.Event) error {
	var detail struct {
		Digest string `json:"image-digest"`
		Tag    string `json:"image-tag"`
		Action string `json:"action-type"`
	}
	if err := json.Unmarshal(e.Detail, &detail); err != nil {
		return err
	}
	fmt.Println("event", detail.Action+"/"+detail.Tag, detail.Digest)
	return nil
}

// victim pushes images to a few tags for ever, deletes some, and says on its
// output what it is about to do and what the registry has acknowledged.
func victim(dir string) {
	service, err := local.New(local.Options{Dir: dir, Host: "localhost", Events: told{}})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	password := os.Getenv("MAYFLY_ECR_TEST_TOKEN")
	registry, api := service.Registry(), service.API()
	send := func(method, path, kind, body string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.SetBasicAuth("AWS", password)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		registry.ServeHTTP(w, r)
		if w.Code >= 300 {
			fmt.Println("failed", method, path, w.Code, w.Body)
			os.Exit(1)
		}
	}
	blob := func(content string) string {
		digest := sha([]byte(content))
		send(http.MethodPost, "/v2/site/blobs/uploads/?digest="+digest, "application/octet-stream", content)
		return digest
	}
	for i := range 1_000_000 {
		tag := fmt.Sprint("v", i%3)
		if i%5 == 4 {
			fmt.Println("begin", tag, "deleted")
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"repositoryName":"site","imageIds":[{"imageTag":"`+tag+`"}]}`))
			r.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.BatchDeleteImage")
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			fmt.Println("end", tag, "deleted")
			continue
		}
		config := blob(fmt.Sprintf(`{"run":%d}`, i))
		layer := blob(strings.Repeat(fmt.Sprint("layer of ", i, "\n"), 2000))
		shared := blob("a layer that all share")
		const kind = "application/vnd.oci.image.manifest.v1+json"
		manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":1},"layers":[{"mediaType":"application/x","digest":%q,"size":1},{"mediaType":"application/x","digest":%q,"size":1}]}`, kind, config, layer, shared)
		fmt.Println("begin", tag, sha([]byte(manifest)))
		send(http.MethodPut, "/v2/site/manifests/"+tag, kind, manifest)
		fmt.Println("end", tag, sha([]byte(manifest)))
	}
}

// Whatever the moment at which the process is killed: what was acknowledged is
// there and whole, each push is announced at least once, and nothing that
// nobody has a use for stays on the disk.
func TestAKilledProcessLosesAndLeavesNothing(t *testing.T) {
	self, err := os.Executable()
	must(t, err)
	for round := range 8 {
		dir := t.TempDir()
		f := start(t, local.Options{Dir: dir})
		f.create("site")
		f.remote()
		token := password(f.auth)
		f.stop()
		seen := killSome(t, self, dir, token, 5+round*17)

		later := &clock{now: time.Now()}
		b := newBus()
		b.got = make(chan local.Event, 1000)
		f = start(t, local.Options{Dir: dir, Events: b, Now: later.Now})
		now := f.tags("site")
		for tag, want := range seen.acknowledged {
			got := now[tag]
			if got == "" {
				got = "deleted"
			}
			if got != want && !seen.inFlight[tag+" "+got] {
				t.Errorf("round %d: %s is %s, acknowledged was %s (in flight: %v)", round, tag, got, want, seen.inFlight)
			}
		}
		for tag, digest := range now {
			image, err := remote.Image(f.ref("site@"+digest), f.remote()...)
			must(t, err)
			if _, err := image.RawManifest(); err != nil {
				t.Errorf("round %d: %s: %v", round, tag, err)
			}
			for _, blob := range blobsOf(t, image) {
				f.wantRaw(http.MethodGet, "/v2/site/blobs/"+blob, nil, "", http.StatusOK, "")
			}
		}
		// A mark behind all that was waiting.
		f.create("mark")
		f.putMany("mark", 1)
		for announced := true; announced; {
			var detail struct {
				Repository string `json:"repository-name"`
				Digest     string `json:"image-digest"`
				Tag        string `json:"image-tag"`
				Action     string `json:"action-type"`
			}
			must(t, json.Unmarshal((<-b.got).Detail, &detail))
			announced = detail.Repository != "mark"
			seen.events[detail.Action+"/"+detail.Tag+" "+detail.Digest] = true
		}
		for push := range seen.pushes {
			if !seen.events["PUSH/"+push] {
				t.Errorf("round %d: %s was never announced", round, push)
			}
		}
		_, err := f.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("mark"), Force: true})
		must(t, err)
		_, err = f.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("site"), Force: true})
		must(t, err)
		later.advance(25 * time.Hour)
		must(t, f.service.RunLifecycle(t.Context(), later.now))
		if left := blobFiles(t, dir); len(left) != 0 {
			t.Errorf("round %d: left behind: %v", round, left)
		}
		f.stop()
	}
}

// witnessed is what a victim said.
type witnessed struct {
	acknowledged map[string]string // the digest of a tag, or "deleted"
	inFlight     map[string]bool
	pushes       map[string]bool
	events       map[string]bool
}

// killSome runs a victim and kills it after so many lines of output.
func killSome(t *testing.T, self, dir, token string, lines int) witnessed {
	t.Helper()
	command := exec.Command(self)
	command.Env = append(os.Environ(), victimDir+"="+dir, "MAYFLY_ECR_TEST_TOKEN="+token)
	output, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	seen := witnessed{map[string]string{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	scanner := bufio.NewScanner(output)
	for n := 0; scanner.Scan(); n++ {
		if n == lines {
			must(t, command.Process.Kill()) // what it wrote until it died still comes
		}
		word, rest, _ := strings.Cut(scanner.Text(), " ")
		tag, state, _ := strings.Cut(rest, " ")
		switch word {
		case "begin":
			seen.inFlight[rest] = true
		case "end":
			delete(seen.inFlight, rest)
			seen.acknowledged[tag] = state
			if state != "deleted" {
				seen.pushes[rest] = true
			}
		case "event":
			seen.events[rest] = true
		case "failed":
			t.Errorf("the victim failed: %s", rest)
		}
	}
	must(t, scanner.Err())
	if err := command.Wait(); err == nil {
		t.Error("the victim ended by itself")
	}
	return seen
}
