package e2e_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/gateway"
)

// creates are the operations that make something which stays until it is
// deleted.
var creates = []string{
	"CreateBucket", "CreateCloudFrontOriginAccessIdentity", "CreateOriginAccessControl", "CreateDistributionWithTags", "CreateRepository",
	"CreateWebACL",
	"PutObject", "CreateMultipartUpload", "CompleteMultipartUpload", "PutImage",
}

// ways are the flows that create, each by what is asked for.
var ways = []struct {
	name string
	ask  events.CreateSandbox
	// release says that a release follows.
	release bool
}{
	{"provision and release", events.CreateSandbox{}, true},
	{"provision with access control and a web ACL", events.CreateSandbox{OriginAccess: events.OriginAccessControl, WAF: true}, false},
	{"provision of a website", events.CreateSandbox{Delivery: events.DeliveryWebsite, Repository: events.RepositorySpec{Visibility: events.VisibilityNone}}, false},
	{"provision of a public repository", events.CreateSandbox{Delivery: events.DeliveryNone, Repository: events.RepositorySpec{Visibility: events.VisibilityPublic}}, false},
}

// mishaps are what becomes of the one call.
var mishaps = []struct {
	name string
	// late says that the call comes to something only after all is over, again
	// that each further try is refused, and deleted that its sandbox is gone by
	// then.
	late, refused, deleted bool
}{
	{name: "reply lost"},
	{name: "reply lost, then refused", refused: true},
	{name: "late, then refused", late: true, refused: true},
	{name: "late, then deleted", late: true, refused: true, deleted: true},
}

// atOnce is how many are tried at once: most of their time, they wait.
const atOnce = 8

// row is a line of the table.
type row struct {
	flow, call, mishap, ended string
	left, torn, orphans       int
}

// TestNoLostReplyLeavesAnOrphan: at each create call of each flow, one at a
// time, the reply is lost, or the call comes to something when nobody waits for
// it any more. After one night nothing is left but what a record has. The table
// says what each came to.
func TestNoLostReplyLeavesAnOrphan(t *testing.T) {
	if local.Functions(*functionsFlag) == local.Process {
		t.Skip("bootstraps believe no list of what is younger than a quarter of an hour, as lists of AWS may be late")
	}
	var mu sync.Mutex
	var rows []row
	var all sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for _, way := range ways {
		c := start(t, nil)
		c.calls.take()
		c.live(t, way.ask, way.release)
		calls := slices.DeleteFunc(spotsOf(c.calls.take()), func(s spot) bool { return !slices.Contains(creates, s.operation) })
		if len(calls) == 0 {
			t.Fatalf("%s creates nothing", way.name)
		}
		for _, call := range calls {
			for _, mishap := range mishaps {
				free <- struct{}{}
				all.Go(func() {
					defer func() { <-free }()
					t.Run(strings.Join([]string{way.name, call.String(), mishap.name}, "/"), func(t *testing.T) {
						one := row{flow: way.name, call: call.String(), mishap: mishap.name}
						one.run(t, way.ask, way.release, call, mishap.late, mishap.refused, mishap.deleted)
						mu.Lock()
						defer mu.Unlock()
						rows = append(rows, one)
					})
				})
			}
		}
	}
	all.Wait()
	slices.SortFunc(rows, func(a, b row) int {
		return strings.Compare(a.flow+a.call+a.mishap, b.flow+b.call+b.mishap)
	})
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "FLOW\tCALL\tMISHAP\tENDED\tLEFT\tTORN DOWN BY NIGHT\tORPHANS AFTER")
	for _, one := range rows {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\n", one.flow, one.call, one.mishap, one.ended, one.left, one.torn, one.orphans)
	}
	_ = w.Flush() // to a builder
	tell(t, "%d lost replies:\n%s", len(rows), &table)
}

// live makes the sandbox, releases to it when asked to, and waits until no flow
// is under way.
func (c *cloud) live(t *testing.T, ask events.CreateSandbox, release bool) {
	t.Helper()
	ask.Name = faulty
	c.create(t, ask)
	if release {
		c.release(t, faulty, site())
	}
	c.idle(t)
}

func (r *row) run(t *testing.T, ask events.CreateSandbox, release bool, call spot, late, refused, deleted bool) {
	c := start(t, nil)
	before := c.inventory(t)
	comes, came, hits := make(chan struct{}), make(chan struct{}), new(atomic.Int32)
	fault := gateway.Fault{Service: call.service, Operation: call.operation, Skip: call.nth, LoseReply: !late, Hit: func() { hits.Add(1) }}
	if late {
		fault.Late, fault.Came = comes, func() { close(came) }
	}
	c.faults.Add(fault)
	if refused {
		c.faults.Add(gateway.Fault{Service: call.service, Operation: call.operation, Skip: call.nth, Times: 1000, Code: "AccessDenied", Status: 403})
	}
	ask.Name = faulty
	if err := c.api(t.Context(), "POST", "/v1/sandboxes", ask, nil); err != nil {
		t.Fatal(err)
	}
	box := c.atEnd(t)
	r.ended = string(box.Phase)
	if release && box.Phase == events.PhaseReady {
		r.ended += ", release " + c.tried(t)
	}
	c.idle(t)
	if deleted {
		c.removeFaulty(t)
		r.ended += ", deleted"
	}
	c.faults.Clear()
	if hits.Load() != 1 {
		close(comes)
		t.Fatalf("the call was hit %d times: %s", hits.Load(), r.ended)
	}
	if late {
		close(comes)
		<-came
	}
	for _, o := range c.orphans(t, false).Orphans {
		if o.In == events.OrphanInAccount {
			r.left++
		}
	}
	// One night.
	for _, o := range c.orphans(t, true).Orphans {
		if o.State == events.OrphanStateTornDown {
			r.torn++
			continue
		}
		r.orphans++
		t.Errorf("after a night: %+v", o)
	}
	if r.left != r.torn {
		t.Errorf("%d were left, %d torn down", r.left, r.torn)
	}
	if box, err := c.box(t); err == nil && box.Phase == events.PhaseFailed {
		after := c.inventory(t)
		after["sandboxes"] = before["sandboxes"] // whose record says why
		if !maps.Equal(before, after) {
			t.Errorf("a failed sandbox holds something: before %v, after %v", before, after)
		}
	}
	c.removeFaulty(t)
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

func (c *cloud) box(t *testing.T) (events.SandboxState, error) {
	t.Helper()
	var box events.SandboxState
	err := c.api(t.Context(), "GET", "/v1/sandboxes/"+faulty, nil, &box)
	if err != nil && status(err) != 404 {
		t.Fatal(err)
	}
	return box, err
}

// tried releases the site, and says how that ended.
func (c *cloud) tried(t *testing.T) string {
	t.Helper()
	id, err := c.upload(t.Context(), faulty, site())
	if err != nil {
		return "not uploaded"
	}
	var r events.ReleaseState
	err = c.api(t.Context(), "POST", "/v1/sandboxes/"+faulty+"/releases", events.CreateRelease{Upload: id}, &r)
	var refused *errStatus
	if errors.As(err, &refused) {
		return "refused"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(c.released(t, faulty, r.ID).Status)
}
