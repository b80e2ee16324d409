package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
)

// kills is how many random moments the process is killed at.
const kills = 50

// TestKilledAtAnyMoment kills the whole process with SIGKILL while sandboxes
// are provisioned, released to and torn down, and starts it again: every
// execution ends as it would have, and nothing is left over.
func TestKilledAtAnyMoment(t *testing.T) {
	p := newProcess(t)
	p.start(t)
	before := p.cloud.inventory(t)
	archive := p.archive(t)
	random := rand.New(rand.NewPCG(1, 1))

	// How long one life takes undisturbed says which moments there are.
	began := time.Now()
	if err := p.life(t.Context(), "undisturbed", archive); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(began)

	for round := range kills {
		lived := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		go func() { lived <- p.life(ctx, fmt.Sprintf("round-%d", round), archive) }()
		at := time.Duration(random.Int64N(int64(whole)))
		select {
		case <-time.After(at):
			p.kill(t)
			p.start(t)
			if err := <-lived; err != nil {
				t.Fatalf("round %d, killed after %s of %s: %v", round, at, whole, err)
			}
		case err := <-lived:
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		cancel()
	}
	if after := p.cloud.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left over: before %v, after %v", before, after)
	}
	p.cloud.idle(t) // a sandbox is gone a moment before the execution that took it away ends
	p.allSucceeded(t, 3*kills)
}

// process is `mayfly local` as a process of its own, on addresses that stay
// the same when it is started again.
type process struct {
	cloud *cloud
	args  []string
	path  string
	cmd   *exec.Cmd
	said  bytes.Buffer
}

func newProcess(t *testing.T) *process {
	t.Helper()
	path, err := mayfly()
	if err != nil {
		t.Fatal(err)
	}
	api, aws := freeAddress(t), freeAddress(t)
	args := []string{"local", "--data", t.TempDir(), "--api", api, "--aws", aws, "--propagation", "0s", "--functions", *functionsFlag}
	if local.Functions(*functionsFlag) == local.Process {
		folder, err := bootstraps()
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, "--functions-dir", folder)
	}
	if *enforceFlag {
		args = append(args, "--enforce-iam")
	}
	p := &process{path: path, args: args, cloud: &cloud{apiURL: "http://" + api, awsURL: "http://" + aws}}
	t.Cleanup(func() { p.kill(t) })
	return p
}

// freeAddress finds a port that will be free again after each kill, too: below
// those that systems give to clients, which may take one as soon as nobody
// listens there.
func freeAddress(t *testing.T) string {
	t.Helper()
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000))
		l, err := net.Listen("tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
}

// start starts the process and waits until its API answers.
func (p *process) start(t *testing.T) {
	t.Helper()
	p.said.Reset()
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.Env = append(os.Environ(), "AWS_CA_BUNDLE=")
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the API answers", func() (bool, error) {
		err := p.cloud.api(t.Context(), "GET", "/v1/health", nil, nil)
		return err == nil, err
	})
}

// kill ends the process as a power cut for it alone would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if p.cmd == nil {
		return
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	_ = p.cmd.Wait() // it was killed, and says so
	p.cmd = nil
	if t.Failed() {
		t.Logf("it said: %s", &p.said)
	}
}

func (p *process) archive(t *testing.T) []byte {
	t.Helper()
	packed, err := pack(t.Context(), site())
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// life leads a sandbox from its request to its end, as a client does that asks
// again when nobody answers.
func (p *process) life(ctx context.Context, name string, archive []byte) error {
	var box events.SandboxState
	var upload string
	var release events.ReleaseState
	at := "/v1/sandboxes/" + name
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"create", func() error { return p.cloud.api(ctx, "POST", "/v1/sandboxes", events.CreateSandbox{Name: name}, &box) }},
		{"ready", func() error { return p.phase(ctx, name, "ready") }},
		{"upload", func() (err error) { upload, err = p.cloud.uploadArchive(ctx, name, "tar.gz", archive); return err }},
		{"release", func() error {
			return p.cloud.api(ctx, "POST", at+"/releases", events.CreateRelease{Upload: upload}, &release)
		}},
		{"live", func() error {
			var r events.ReleaseState
			if err := p.cloud.api(ctx, "GET", at+"/releases/"+release.ID, nil, &r); err != nil {
				return err
			}
			if r.Status == "failed" {
				return &finalError{fmt.Sprintf("the release failed: %+v", r.Failure)}
			}
			if r.Status != "live" {
				return errors.New("not live")
			}
			return nil
		}},
		{"delete", func() error {
			err := p.cloud.api(ctx, "DELETE", at, nil, nil)
			if status(err) == http.StatusNotFound {
				return nil // an answer that was lost: it is gone already
			}
			return err
		}},
		{"gone", func() error {
			err := p.cloud.api(ctx, "GET", at, nil, &box)
			if status(err) == http.StatusNotFound {
				return nil
			}
			return fmt.Errorf("phase %s, step %s, failure %+v: %w", box.Phase, box.Step, box.Failure, err)
		}},
	} {
		if err := persist(ctx, step.do); err != nil {
			return fmt.Errorf("%s %s: %w", step.what, name, err)
		}
	}
	return nil
}

func (p *process) phase(ctx context.Context, name string, want events.Phase) error {
	var box events.SandboxState
	if err := p.cloud.api(ctx, "GET", "/v1/sandboxes/"+name, nil, &box); err != nil {
		return err
	}
	if box.Phase == "failed" {
		return &finalError{fmt.Sprintf("failed at %s: %+v", box.FailedStep, box.Failure)}
	}
	if box.Phase != want {
		return fmt.Errorf("phase %s, step %s", box.Phase, box.Step)
	}
	return nil
}

// finalError is what asking again does not mend.
type finalError struct{ message string }

func (e *finalError) Error() string { return e.message }

// persist does something until it works or fails for good.
func persist(ctx context.Context, do func() error) error {
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for {
		err := do()
		var final *finalError
		if err == nil || errors.As(err, &final) || status(err) == http.StatusBadRequest {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%w; last: %w", ctx.Err(), err)
		}
	}
}

// allSucceeded: no execution of any machine ended otherwise, or is still
// running.
func (p *process) allSucceeded(t *testing.T, least int) {
	t.Helper()
	client := p.cloud.sfn()
	machines, err := client.ListStateMachines(t.Context(), &sfn.ListStateMachinesInput{})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, machine := range machines.StateMachines {
		pages := sfn.NewListExecutionsPaginator(client, &sfn.ListExecutionsInput{StateMachineArn: machine.StateMachineArn})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, execution := range page.Executions {
				count++
				if execution.Status != sfntypes.ExecutionStatusSucceeded {
					t.Errorf("%s is %s", aws.ToString(execution.ExecutionArn), execution.Status)
				}
			}
		}
	}
	if count < least {
		t.Errorf("%d executions, want at least %d", count, least)
	}
}
