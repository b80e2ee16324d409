package wafv2_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mayfly-dev/mayfly/firewall"
	"github.com/mayfly-dev/mayfly/local/wafv2"
)

func TestAWebACLIsMadeChangedAndDeletedUnderItsLockToken(t *testing.T) {
	dir := t.TempDir()
	w := open(t, wafv2.Options{Dir: dir})
	made := w.create(t, "mayfly-dev")
	if want := "arn:aws:wafv2:us-east-1:000000000000:global/webacl/mayfly-dev/" + *made.Id; *made.ARN != want || *made.LockToken == "" || !w.service.Exists(want) {
		t.Errorf("made %s, want %s", *made.ARN, want)
	}
	name := &sdk.GetWebACLInput{Name: made.Name, Id: made.Id, Scope: types.ScopeCloudfront}
	there, err := w.GetWebACL(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ignore := cmpopts.IgnoreUnexported(types.Rule{}, types.Statement{}, types.RateBasedStatement{}, types.ManagedRuleGroupStatement{}, types.RuleAction{},
		types.BlockAction{}, types.OverrideAction{}, types.NoneAction{}, types.VisibilityConfig{})
	if diff := cmp.Diff(firewall.Rules(), there.WebACL.Rules, ignore); diff != "" {
		t.Errorf("the rules: -asked +shown\n%s", diff)
	}
	if there.WebACL.Capacity != 902 || *there.WebACL.Description != firewall.Description("dev") || there.WebACL.DefaultAction.Allow == nil {
		t.Errorf("shown %+v", there.WebACL)
	}
	change := &sdk.UpdateWebACLInput{
		Name: made.Name, Id: made.Id, Scope: types.ScopeCloudfront, LockToken: made.LockToken, Description: aws.String("new"),
		DefaultAction: &types.DefaultAction{Block: &types.BlockAction{}}, VisibilityConfig: firewall.Visibility("m"),
	}
	changed, err := w.UpdateWebACL(t.Context(), change)
	if err != nil || *changed.NextLockToken == *made.LockToken {
		t.Fatalf("%+v, %v", changed, err)
	}
	_, err = w.UpdateWebACL(t.Context(), change)
	refused(t, err, "WAFOptimisticLockException")
	deletion := &sdk.DeleteWebACLInput{Name: made.Name, Id: made.Id, Scope: types.ScopeCloudfront, LockToken: made.LockToken}
	_, err = w.DeleteWebACL(t.Context(), deletion)
	refused(t, err, "WAFOptimisticLockException")

	// Another process finds it as it was left.
	w.close()
	w = open(t, wafv2.Options{Dir: dir})
	if there, err = w.GetWebACL(t.Context(), &sdk.GetWebACLInput{ARN: made.ARN}); err != nil || there.WebACL.DefaultAction.Block == nil || len(there.WebACL.Rules) != 0 || *there.LockToken != *changed.NextLockToken {
		t.Fatalf("%+v, %v", there, err)
	}
	deletion.LockToken = there.LockToken
	if _, err := w.DeleteWebACL(t.Context(), deletion); err != nil || w.service.Exists(*made.ARN) {
		t.Fatal(err)
	}
	for range 2 {
		_, err = w.DeleteWebACL(t.Context(), deletion)
		refused(t, err, "WAFNonexistentItemException")
		w.close()
		w = open(t, wafv2.Options{Dir: dir})
	}
	_, err = w.GetWebACL(t.Context(), name)
	refused(t, err, "WAFNonexistentItemException")
}

func TestWhatADistributionNamesIsNotDeleted(t *testing.T) {
	used := true
	var hidden bool
	var w *world
	w = open(t, wafv2.Options{InUse: func(arn string) bool {
		hidden = !w.service.Exists(arn)
		return used
	}})
	made := w.create(t, "mayfly-dev")
	deletion := &sdk.DeleteWebACLInput{Name: made.Name, Id: made.Id, Scope: types.ScopeCloudfront, LockToken: made.LockToken}
	_, err := w.DeleteWebACL(t.Context(), deletion)
	refused(t, err, "WAFAssociatedItemException")
	if !hidden || !w.service.Exists(*made.ARN) {
		t.Errorf("hidden while it was asked: %v; there after it: %v", hidden, w.service.Exists(*made.ARN))
	}
	used = false
	if _, err := w.DeleteWebACL(t.Context(), deletion); err != nil {
		t.Error(err)
	}
}

func TestListsArePagedToTheirEnd(t *testing.T) {
	w := open(t, wafv2.Options{Quota: 5})
	var want, got []string
	for i := range 5 {
		want = append(want, *w.create(t, fmt.Sprintf("acl-%d", 4-i)).Name)
	}
	slices.Sort(want)
	var sizes []int
	in := &sdk.ListWebACLsInput{Scope: types.ScopeCloudfront, Limit: aws.Int32(2)}
	for {
		page, err := w.ListWebACLs(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.WebACLs))
		for _, a := range page.WebACLs {
			got = append(got, *a.Name)
		}
		if page.NextMarker == nil {
			break
		}
		in.NextMarker = page.NextMarker
	}
	if !slices.Equal(got, want) || !slices.Equal(sizes, []int{2, 2, 1}) {
		t.Errorf("got %v in pages of %v, want %v", got, sizes, want)
	}
	_, err := w.CreateWebACL(t.Context(), asked("one-more"))
	refused(t, err, "WAFLimitsExceededException")
}

func TestTags(t *testing.T) {
	w := open(t, wafv2.Options{})
	made := w.create(t, "mayfly-dev")
	if _, err := w.TagResource(t.Context(), &sdk.TagResourceInput{ResourceARN: made.ARN, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceARN: made.ARN, TagKeys: []string{"mayfly:stage", "never"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: made.ARN})
	if err != nil || len(out.TagInfoForResource.TagList) != 1 || *out.TagInfoForResource.TagList[0].Key != "team" {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = w.TagResource(t.Context(), &sdk.TagResourceInput{ResourceARN: made.ARN, Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}})
	refused(t, err, "WAFInvalidParameterException")
	_, err = w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: aws.String("arn:aws:wafv2:us-east-1:000000000000:global/webacl/no/1")})
	refused(t, err, "WAFNonexistentItemException")
}

func TestWhatWAFRefuses(t *testing.T) {
	w := open(t, wafv2.Options{})
	w.create(t, "taken")
	rate := func(edit func(*types.RateBasedStatement)) func(*sdk.CreateWebACLInput) {
		return func(in *sdk.CreateWebACLInput) { edit(in.Rules[0].Statement.RateBasedStatement) }
	}
	for name, tt := range map[string]struct {
		code, says string
		edit       func(*sdk.CreateWebACLInput)
	}{
		"a name in use":       {"WAFDuplicateItemException", "duplicate", func(in *sdk.CreateWebACLInput) { in.Name = aws.String("taken") }},
		"a regional one":      {"WAFInvalidParameterException", "CLOUDFRONT alone", func(in *sdk.CreateWebACLInput) { in.Scope = types.ScopeRegional }},
		"a name with a space": {"WAFInvalidParameterException", "field: NAME", func(in *sdk.CreateWebACLInput) { in.Name = aws.String("a b") }},
		"no action":           {"WAFInvalidParameterException", "DEFAULT_ACTION", func(in *sdk.CreateWebACLInput) { in.DefaultAction = &types.DefaultAction{} }},
		"a reserved metric":   {"WAFInvalidParameterException", "METRIC_NAME", func(in *sdk.CreateWebACLInput) { in.VisibilityConfig = firewall.Visibility("Default_Action") }},
		"a rule twice":        {"WAFInvalidParameterException", "same name", func(in *sdk.CreateWebACLInput) { in.Rules[1].Name = in.Rules[0].Name }},
		"a priority twice":    {"WAFInvalidParameterException", "same priority", func(in *sdk.CreateWebACLInput) { in.Rules[1].Priority = 0 }},
		"an unknown group": {"WAFInvalidParameterException", "AWS/Nobodys", func(in *sdk.CreateWebACLInput) {
			in.Rules[1].Statement.ManagedRuleGroupStatement.Name = aws.String("Nobodys")
		}},
		"a group with an action": {"WAFInvalidParameterException", "RULE_ACTION", func(in *sdk.CreateWebACLInput) {
			in.Rules[1].Action, in.Rules[1].OverrideAction = in.Rules[0].Action, nil
		}},
		"another statement": {"WAFInvalidParameterException", "managed rule groups and rate-based", func(in *sdk.CreateWebACLInput) {
			in.Rules[0].Statement = &types.Statement{GeoMatchStatement: &types.GeoMatchStatement{CountryCodes: []types.CountryCode{"DE"}}}
		}},
		"a limit of nine":      {"WAFInvalidParameterException", "limit", rate(func(r *types.RateBasedStatement) { r.Limit = aws.Int64(9) })},
		"a window of a second": {"WAFInvalidParameterException", "window", rate(func(r *types.RateBasedStatement) { r.EvaluationWindowSec = 1 })},
		"a rate by header": {"WAFInvalidParameterException", "by IP", rate(func(r *types.RateBasedStatement) {
			r.AggregateKeyType = types.RateBasedStatementAggregateKeyTypeConstant
		})},
		"tags of AWS's": {"WAFInvalidParameterException", "TAGS", func(in *sdk.CreateWebACLInput) { in.Tags[0].Key = aws.String("aws:stage") }},
	} {
		t.Run(name, func(t *testing.T) {
			in := asked("new")
			tt.edit(in)
			_, err := w.CreateWebACL(t.Context(), in)
			refused(t, err, tt.code)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v does not say %q", err, tt.says)
			}
		})
	}
	_, err := w.ListWebACLs(t.Context(), &sdk.ListWebACLsInput{Scope: types.ScopeCloudfront}, func(o *sdk.Options) { o.Region = "eu-west-1" })
	refused(t, err, "WAFInvalidParameterException")
	_, err = w.CheckCapacity(t.Context(), &sdk.CheckCapacityInput{Scope: types.ScopeCloudfront, Rules: firewall.Rules()})
	refused(t, err, "UnknownOperationException")
}
