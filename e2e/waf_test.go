package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/events"
)

// webACL returns the installation's web ACL, and what the distribution of a
// sandbox has before it; both "" when there is none.
func (c *cloud) webACL(t *testing.T, box events.SandboxState) (there, used string) {
	t.Helper()
	list, err := wafv2.NewFromConfig(c.aws()).ListWebACLs(t.Context(), &wafv2.ListWebACLsInput{Scope: waftypes.ScopeCloudfront})
	if err != nil {
		t.Fatal(err)
	}
	for _, acl := range list.WebACLs {
		there += *acl.ARN
	}
	if box.DistributionID != "" {
		got, err := c.cloudfront().GetDistribution(t.Context(), &cloudfront.GetDistributionInput{Id: &box.DistributionID})
		if err != nil {
			t.Fatal(err)
		}
		used = *got.Distribution.DistributionConfig.WebACLId
	}
	return there, used
}

// TestOneWebACLForAllAndNoneForNobody: it is made for the first sandbox that
// asks, shared, and gone with the last, whether that goes or switches it off.
func TestOneWebACLForAllAndNoneForNobody(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	plain := c.create(t, events.CreateSandbox{Name: "plain"})
	if there, used := c.webACL(t, plain); there != "" || used != "" {
		t.Fatalf("nobody asked for %q before %q", there, used)
	}
	first := c.create(t, events.CreateSandbox{Name: "first", WAF: true})
	there, used := c.webACL(t, first)
	if there == "" || used != there || !first.Spec.WAF {
		t.Fatalf("%q is there, %q before the distribution", there, used)
	}
	turn := func(name string, on bool) events.SandboxState {
		t.Helper()
		if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/"+name, events.UpdateSandbox{WAF: &on}, nil); err != nil {
			t.Fatal(err)
		}
		return c.await(t, name, events.PhaseReady)
	}
	if again, used := c.webACL(t, turn("plain", true)); again != there || used != there {
		t.Errorf("%q is there, %q before the second distribution", again, used)
	}
	c.remove(t, "first")
	if again, used := c.webACL(t, plain); again != there || used != there {
		t.Errorf("the first one is gone: %q is there, %q before the second distribution", again, used)
	}
	if left, used := c.webACL(t, turn("plain", false)); left != "" || used != "" {
		t.Errorf("all are off: %q is there, %q before the second distribution", left, used)
	}
	for _, wrong := range []events.CreateSandbox{{Name: "site", WAF: true, Delivery: events.DeliveryWebsite}, {Name: "site", WAF: true, Delivery: events.DeliveryNone}} {
		if err := c.api(t.Context(), "POST", "/v1/sandboxes", wrong, nil); status(err) != http.StatusBadRequest {
			t.Errorf("WAF with delivery %s: %v", wrong.Delivery, err)
		}
	}
	c.remove(t, "plain")
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// TestTheWebACLIsSharedByManyAtOnce: who comes while the last one leaves makes
// it again, and in the end there is none.
func TestTheWebACLIsSharedByManyAtOnce(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	const many, rounds = 4, 3
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			for round := range rounds {
				name := fmt.Sprintf("s%d-%d", i, round)
				box := c.create(t, events.CreateSandbox{Name: name, WAF: true, Repository: events.RepositorySpec{Visibility: events.VisibilityNone}})
				got, err := c.cloudfront().GetDistribution(t.Context(), &cloudfront.GetDistributionInput{Id: &box.DistributionID})
				if err != nil || aws.ToString(got.Distribution.DistributionConfig.WebACLId) == "" {
					t.Errorf("%s: %v", name, err)
				}
				c.remove(t, name)
			}
		})
	}
	all.Wait()
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}
