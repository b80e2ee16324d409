package ensurewebacl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/firewall"
	"github.com/mayfly-dev/mayfly/functions/ensurewebacl"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const name = "mayfly-dev"

type world struct {
	store *steptest.Store
	waf   *steptest.WAF
	step  *ensurewebacl.Step
	flow  events.Flow
}

// newWorld has others' web ACLs, more than a page.
func newWorld() *world {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Spec.WAF = true
	w := &world{store: steptest.NewStore(clock.Now, of), waf: steptest.NewWAF(), flow: events.Flow{Sandbox: of.Event()}}
	w.waf.PageSize = 2
	for i := range 5 {
		other := fmt.Sprintf("mayfly-d%d", i)
		w.waf.ACLs[other] = &steptest.WebACL{ARN: "arn:" + other, ID: other, Tags: firewall.Tags("dev")}
	}
	w.step = ensurewebacl.New(w.waf, w.store.Ledger(), "dev")
	return w
}

func TestOneWebACLIsMade(t *testing.T) {
	tests := []struct {
		name  string
		fault func(*world)
		first string
	}{
		{"at the first try", func(*world) {}, ""},
		{"after WAF's reply was lost", func(w *world) { w.waf.LoseReply("CreateWebACL") }, "NetworkError"},
		{"after the store's reply was lost", func(w *world) { w.store.LoseReply("Update") }, "NetworkError"},
		{"after somebody else made it meanwhile", func(w *world) { w.waf.Fail("CreateWebACL", steptest.Refusal("WAFDuplicateItemException")) }, "WAFDuplicateItemException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.fault(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.first)
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			made := w.waf.ACLs[name]
			if len(w.waf.ACLs) != 6 || made == nil || got != (events.WebACL{Name: name, ARN: made.ARN}) {
				t.Fatalf("returned %+v; %d web ACLs, ours %+v", got, len(w.waf.ACLs), made)
			}
			if len(made.Rules) != 3 || *made.Tags[0].Key != sandbox.TagStage || *made.Tags[0].Value != "dev" || made.Description != firewall.Description("dev") {
				t.Errorf("made %+v", made)
			}
			w.store.WantLine(t, "docs", sandbox.KindWebACL, sandbox.StatusMade, name)
		})
	}
}

func TestAnOlderVersionsRulesAreReplacedUnderTheLockToken(t *testing.T) {
	w := newWorld()
	w.waf.ACLs[name] = &steptest.WebACL{ARN: "arn:a", ID: "a", LockToken: "t1", Description: "rules of old", Tags: firewall.Tags("dev"), Rules: []types.Rule{{Name: aws.String("old")}}}
	w.waf.Fail("UpdateWebACL", steptest.Refusal("WAFOptimisticLockException"))
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "WAFOptimisticLockException")
	w.waf.ACLs[name].LockToken = "t2"
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if acl := w.waf.ACLs[name]; got.ARN != "arn:a" || len(acl.Rules) != 3 || acl.LockToken == "t2" {
		t.Errorf("returned %+v, left %+v", got, acl)
	}
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if n := w.waf.Count("UpdateWebACL"); n != 2 {
		t.Errorf("%d updates", n)
	}
}

func TestWhatIsMadeAgainIsFoundByItsNewARN(t *testing.T) {
	w := newWorld()
	first, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	delete(w.waf.ACLs, name)
	second, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if second.ARN == first.ARN || second.ARN != w.waf.ACLs[name].ARN {
		t.Errorf("%+v, then %+v", first, second)
	}
	record, err := w.store.Get(t.Context(), "docs")
	if line, _ := record.Resource(sandbox.KindWebACL); err != nil || line.ARN != second.ARN {
		t.Errorf("the ledger has %+v, %v", line, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, want, says string
		alter            func(*world)
	}{
		{"another stage's", "NotOurs", "mayfly:stage=dev", func(w *world) {
			w.waf.ACLs[name] = &steptest.WebACL{ARN: "arn:a", ID: "a", Description: firewall.Description("dev"), Tags: firewall.Tags("prod")}
		}},
		{"one without tags", "NotOurs", "web ACL mayfly-dev", func(w *world) { w.waf.ACLs[name] = &steptest.WebACL{ARN: "arn:a", ID: "a"} }},
		{"too many", "WAFLimitsExceededException", "quota (100", func(w *world) { w.waf.Fail("CreateWebACL", steptest.Refusal("WAFLimitsExceededException")) }},
		{"not allowed", "AccessDeniedException", "list web ACLs", func(w *world) { w.waf.Fail("ListWebACLs", steptest.Refusal("AccessDeniedException")) }},
		{"being deleted", "SandboxDeleting", "being deleted", func(w *world) {
			_, err := w.store.Update(t.Context(), sandbox.RefOf(w.flow.Sandbox), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
				s.Phase = sandbox.PhaseDeleting
				return nil, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.alter(w)
			before := len(w.waf.ACLs)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.want)
			if !strings.Contains(err.Error(), tt.says) || len(w.waf.ACLs) != before || w.waf.Count("UpdateWebACL") != 0 {
				t.Errorf("%v; after %v", err, w.waf.Calls())
			}
		})
	}
}
