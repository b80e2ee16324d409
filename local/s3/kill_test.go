package s3_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

// victimDir, in the environment, makes this binary a process that is killed.
const victimDir = "MAYFLY_S3_TEST_VICTIM"

// victim changes a few keys of a bucket for ever, and says on its output what
// it is about to do and what S3 has acknowledged.
func victim(dir string) {
	service, err := local.New(local.Options{Dir: dir})
	if err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	transport := service.RoundTripper(local.Root())
	current := map[string]string{}
	send := func(method, path, body string) *http.Response {
		r, err := http.NewRequest(method, "http://s3.localhost/kill/"+path, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		response, err := transport.RoundTrip(r)
		if err != nil || response.StatusCode >= 300 {
			fmt.Println("failed", method, path, response, err)
			os.Exit(1)
		}
		return response
	}
	for i := range 1_000_000 {
		key := []string{"a", "a/b", "c", "d/e/f"}[rand.IntN(4)]
		switch rand.IntN(4) {
		case 0, 1:
			content := fmt.Sprintf("%d-%s", i, strings.Repeat("x", rand.IntN(20_000)))
			fmt.Println("begin", key, content[:min(len(content), 8)])
			current[key] = send(http.MethodPut, key, content).Header.Get("X-Amz-Version-Id")
			fmt.Println("end", key, content[:min(len(content), 8)])
		case 2:
			fmt.Println("begin", key, "deleted")
			if id := send(http.MethodDelete, key, "").Header.Get("X-Amz-Version-Id"); id != "" {
				current[key] = id
			}
			fmt.Println("end", key, "deleted")
		case 3:
			if id := current[key]; id != "" {
				fmt.Println("begin", key, "unknown")
				send(http.MethodDelete, key+"?versionId="+id, "")
				current[key] = ""
				fmt.Println("end", key, "unknown")
			}
		}
	}
}

// Whatever the moment at which the process is killed: what was acknowledged is
// there, nothing is there twice, and the bucket can be emptied and deleted.
func TestAKilledProcessLosesAndLeavesNothing(t *testing.T) {
	self, err := os.Executable()
	must(t, err)
	for round := range 12 {
		dir := t.TempDir()
		func() {
			service, err := local.New(local.Options{Dir: dir})
			must(t, err)
			f := &fixture{t: t, service: service}
			if status, body := f.as(local.Root(), http.MethodPut, "kill"); status != 200 {
				t.Fatal(body)
			}
			r, err := http.NewRequest(http.MethodPut, "http://s3.localhost/kill?versioning", strings.NewReader("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))
			must(t, err)
			response, err := service.RoundTripper(local.Root()).RoundTrip(r)
			must(t, err)
			if response.StatusCode != http.StatusOK {
				t.Fatal(response.Status)
			}
			must(t, service.Close(context.Background()))
		}()
		acknowledged, inFlight := killSome(t, self, dir, 20+round*23)
		f := start(t, local.Options{Dir: dir})
		for key, want := range acknowledged {
			got, err := f.get("kill", key, "")
			switch {
			case code(err) == "NoSuchKey":
				got = "deleted"
			case err != nil:
				t.Fatalf("round %d: read %s: %v", round, key, err)
			default:
				got = got[:min(len(got), 8)]
			}
			if want != "unknown" && got != want && !inFlight[key+" "+got] && !inFlight[key+" unknown"] {
				t.Errorf("round %d: %s is %q, acknowledged was %q (in flight: %v)", round, key, got, want, inFlight)
			}
		}
		seen := map[string]bool{}
		versions, err := f.ListObjectVersions(context.Background(), &s3.ListObjectVersionsInput{Bucket: aws.String("kill")})
		must(t, err)
		for _, v := range versions.Versions {
			if id := *v.Key + " " + *v.VersionId; seen[id] {
				t.Errorf("round %d: %s is there twice", round, id)
			} else {
				seen[id] = true
			}
		}
		f.empty("kill")
		_, err = f.DeleteBucket(context.Background(), &s3.DeleteBucketInput{Bucket: aws.String("kill")})
		must(t, err)
	}
}

// killSome runs a victim, kills it after so many lines of output, and answers
// each key's last acknowledged state and what was under way.
func killSome(t *testing.T, self, dir string, lines int) (acknowledged map[string]string, inFlight map[string]bool) {
	t.Helper()
	command := exec.Command(self)
	command.Env = append(os.Environ(), victimDir+"="+dir)
	output, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	acknowledged, inFlight = map[string]string{}, map[string]bool{}
	scanner := bufio.NewScanner(output)
	for n := 0; scanner.Scan(); n++ {
		if n == lines {
			must(t, command.Process.Kill()) // what it wrote until it died still comes
		}
		word, rest, _ := strings.Cut(scanner.Text(), " ")
		key, state, _ := strings.Cut(rest, " ")
		switch word {
		case "begin":
			inFlight[key+" "+state] = true
		case "end":
			delete(inFlight, key+" "+state)
			acknowledged[key] = state
		case "failed":
			t.Errorf("the victim failed: %s", rest)
		}
	}
	must(t, scanner.Err())
	if err := command.Wait(); err == nil {
		t.Error("the victim ended by itself")
	}
	return acknowledged, inFlight
}

func TestAttributesMayLiveInFiles(t *testing.T) {
	f := start(t, local.Options{Sidecar: true})
	ctx := context.Background()
	f.versionedBucket("sidecar")
	first := f.put("sidecar", "dir/k", "one")
	f.put("sidecar", "dir/k", "two")
	out, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("sidecar"), Key: aws.String("dir/k")})
	must(t, err)
	_, err = f.get("sidecar", "dir/k", "")
	wantCode(t, err, "NoSuchKey")
	_, err = f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("sidecar"), Key: aws.String("dir/k"), VersionId: out.VersionId})
	must(t, err)
	for version, want := range map[string]string{"": "two", first: "one"} {
		if body, err := f.get("sidecar", "dir/k", version); err != nil || body != want {
			t.Errorf("version %q: %q %v", version, body, err)
		}
	}
	f.empty("sidecar")
	_, err = f.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String("sidecar")})
	must(t, err)
}
