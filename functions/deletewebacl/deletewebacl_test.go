package deletewebacl_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/firewall"
	"github.com/mayfly-dev/mayfly/functions/deletewebacl"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	name = "mayfly-dev"
	arn  = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/mayfly-dev/a"
)

type world struct {
	store *steptest.Store
	waf   *steptest.WAF
	cloud *steptest.CloudFront
}

func (w *world) use() {
	w.cloud.Distributions["E2"] = &steptest.Distribution{ID: "E2", Config: &types.DistributionConfig{WebACLId: aws.String(arn)}}
}

func TestWhoeverLeavesLastDeletesTheWebACL(t *testing.T) {
	tests := []struct {
		name          string
		alter         func(*world)
		first, second string
		stays         bool
		says          string
	}{
		{name: "at the first try", alter: func(*world) {}, says: "webACL mayfly-dev deleted"},
		{name: "after the reply was lost", alter: func(w *world) { w.waf.LoseReply("DeleteWebACL") }, first: "NetworkError", says: "webACL mayfly-dev deleted"},
		{name: "after the store's reply was lost", alter: func(w *world) { w.store.LoseReply("Update") }, first: "NetworkError", says: "webACL mayfly-dev deleted"},
		{name: "with the lock token read again", alter: func(w *world) {
			w.waf.Fail("DeleteWebACL", steptest.Refusal("WAFOptimisticLockException"))
		}, first: "WAFOptimisticLockException", says: "webACL mayfly-dev deleted"},
		{name: "when it is gone already", alter: func(w *world) { clear(w.waf.ACLs) }, says: "webACL mayfly-dev deleted"},
		{name: "when it went meanwhile", alter: func(w *world) {
			w.waf.Fail("DeleteWebACL", steptest.Refusal("WAFNonexistentItemException"))
		}, stays: true, says: "webACL mayfly-dev deleted"},
		{name: "once WAF knows that nobody uses it", alter: func(w *world) {
			w.waf.Fail("DeleteWebACL", steptest.Refusal("WAFAssociatedItemException"))
		}, first: "WAFAssociatedItemException", says: "webACL mayfly-dev deleted"},
		{name: "not while another uses it", alter: (*world).use, stays: true, says: "webACL mayfly-dev no longer used; other distributions use it"},
		{name: "not another installation's", alter: func(w *world) { w.waf.ACLs[name].Tags = firewall.Tags("prod") }, stays: true,
			says: "webACL mayfly-dev no longer used; web ACL mayfly-dev is not this sandbox's: it has no tag mayfly:stage=dev"},
		{name: "not when CloudFront does not say", alter: func(w *world) {
			w.cloud.Fail("ListDistributionsByWebACLId", steptest.Refusal("AccessDenied"))
			w.cloud.Fail("ListDistributionsByWebACLId", steptest.Refusal("AccessDenied"))
		}, first: "AccessDenied", second: "AccessDenied", stays: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock := &steptest.Clock{}
			of := steptest.New(clock.Now())
			of.Phase = sandbox.PhaseDeleting
			of.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindWebACL: {Kind: sandbox.KindWebACL, ID: name, ARN: arn, Status: sandbox.StatusMade}}
			w := &world{steptest.NewStore(clock.Now, of), steptest.NewWAF(), steptest.NewCloudFront(clock.Now, 0)}
			w.waf.ACLs[name] = &steptest.WebACL{ARN: arn, ID: "a", LockToken: "t", Tags: firewall.Tags("dev")}
			w.waf.Used = w.cloud.NamesWebACL
			tt.alter(w)
			step := deletewebacl.New(w.waf, w.cloud, w.store.Ledger(), "dev")
			flow := events.Flow{Sandbox: of.Event(), Made: of.Made()}
			_, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tt.first)
			if tt.first != "" {
				_, err = step.Handle(t.Context(), flow)
				steptest.WantError(t, err, tt.second)
			}
			if _, there := w.waf.ACLs[name]; there != tt.stays {
				t.Errorf("the web ACL is there: %v", there)
			}
			if tt.second != "" {
				w.store.WantLine(t, "docs", sandbox.KindWebACL, sandbox.StatusMade, name)
				return
			}
			w.store.WantLine(t, "docs", sandbox.KindWebACL, "", "")
			page, err := w.store.Events(t.Context(), of.Ref(), 0, 10)
			if err != nil || len(page) == 0 || page[len(page)-1].Message != tt.says {
				t.Errorf("told %+v, %v; want %q", page, err, tt.says)
			}
		})
	}
}

func TestNobodyDeletesWhatNobodyUses(t *testing.T) {
	clock := &steptest.Clock{}
	store, waf, cloud := steptest.NewStore(clock.Now, steptest.New(clock.Now())), steptest.NewWAF(), steptest.NewCloudFront(clock.Now, 0)
	waf.ACLs[name] = &steptest.WebACL{ARN: arn, ID: "a", LockToken: "t", Tags: firewall.Tags("dev")}
	w := &world{store, waf, cloud}
	step := deletewebacl.New(waf, cloud, store.Ledger(), "dev")
	flow := events.Flow{Made: events.Made{WebACL: &events.WebACL{}}}
	w.use()
	for _, stays := range []bool{true, false, false} {
		_, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, "")
		if _, there := waf.ACLs[name]; there != stays {
			t.Errorf("it is there: %v, want %v", there, stays)
		}
		clear(cloud.Distributions)
	}
	if n := len(store.Calls()); n != 0 {
		t.Errorf("%d calls of the store", n)
	}
}

func TestASandboxWithoutWAFAsksNobody(t *testing.T) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	store, waf, cloud := steptest.NewStore(clock.Now, of), steptest.NewWAF(), steptest.NewCloudFront(clock.Now, 0)
	_, err := deletewebacl.New(waf, cloud, store.Ledger(), "dev").Handle(t.Context(), events.Flow{Sandbox: of.Event()})
	steptest.WantError(t, err, "")
	if n := len(waf.Calls()) + len(cloud.Calls()) + len(store.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}
