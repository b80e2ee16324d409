package steptest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// WAF is a stand-in for the web ACLs of scope CLOUDFRONT.
type WAF struct {
	Faults
	// PageSize is how many items a list page holds, WAF's 100 when 0.
	PageSize int
	// Used tells whether a distribution names the web ACL with an ARN; nil is no.
	Used func(arn string) bool

	mu   sync.Mutex
	last int
	ACLs map[string]*WebACL
}

// WebACL is what WAF keeps of one web ACL, by its name.
type WebACL struct {
	ARN, ID, LockToken, Description string
	Rules                           []types.Rule
	Tags                            []types.Tag
}

// NewWAF returns one without web ACLs.
func NewWAF() *WAF { return &WAF{ACLs: map[string]*WebACL{}} }

// Has tells whether there is a web ACL with an ARN.
func (f *WAF) Has(arn string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.ACLs {
		if a.ARN == arn {
			return true
		}
	}
	return false
}

func (f *WAF) id() string {
	f.last++
	return fmt.Sprintf("id-%d", f.last)
}

func inWAF[Out any](f *WAF, operation string, act func() (*Out, error)) (*Out, error) {
	return call(&f.Faults, operation, func() (*Out, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return act()
	})
}

func (a *WebACL) summary(name string) types.WebACLSummary {
	return types.WebACLSummary{Name: &name, Id: &a.ID, ARN: &a.ARN, Description: &a.Description, LockToken: &a.LockToken}
}

// ListWebACLs lists a page in the order of names. It gives a marker with every
// page that has something, as WAF may.
func (f *WAF) ListWebACLs(_ context.Context, in *wafv2.ListWebACLsInput, _ ...func(*wafv2.Options)) (*wafv2.ListWebACLsOutput, error) {
	return inWAF(f, "ListWebACLs", func() (*wafv2.ListWebACLsOutput, error) {
		out := &wafv2.ListWebACLsOutput{}
		page, _ := pageOf(f.ACLs, aws.ToString(in.NextMarker), f.PageSize)
		for _, name := range page {
			out.WebACLs, out.NextMarker = append(out.WebACLs, f.ACLs[name].summary(name)), &name
		}
		return out, nil
	})
}

// ListTagsForResource returns a web ACL's tags.
func (f *WAF) ListTagsForResource(_ context.Context, in *wafv2.ListTagsForResourceInput, _ ...func(*wafv2.Options)) (*wafv2.ListTagsForResourceOutput, error) {
	// ECR has an operation of that name, too.
	return inWAF(f, "WAF ListTagsForResource", func() (*wafv2.ListTagsForResourceOutput, error) {
		for _, a := range f.ACLs {
			if a.ARN == *in.ResourceARN {
				return &wafv2.ListTagsForResourceOutput{TagInfoForResource: &types.TagInfoForResource{ResourceARN: in.ResourceARN, TagList: slices.Clone(a.Tags)}}, nil
			}
		}
		return nil, Refusal("WAFNonexistentItemException")
	})
}

// CreateWebACL makes a web ACL, whose name must be free.
func (f *WAF) CreateWebACL(_ context.Context, in *wafv2.CreateWebACLInput, _ ...func(*wafv2.Options)) (*wafv2.CreateWebACLOutput, error) {
	return inWAF(f, "CreateWebACL", func() (*wafv2.CreateWebACLOutput, error) {
		if f.ACLs[*in.Name] != nil {
			return nil, Refusal("WAFDuplicateItemException")
		}
		a := &WebACL{ID: f.id(), LockToken: f.id(), Description: aws.ToString(in.Description), Rules: in.Rules, Tags: in.Tags}
		a.ARN = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/" + *in.Name + "/" + a.ID
		f.ACLs[*in.Name] = a
		summary := a.summary(*in.Name)
		return &wafv2.CreateWebACLOutput{Summary: &summary}, nil
	})
}

// UpdateWebACL replaces the rules if the lock token is fresh.
func (f *WAF) UpdateWebACL(_ context.Context, in *wafv2.UpdateWebACLInput, _ ...func(*wafv2.Options)) (*wafv2.UpdateWebACLOutput, error) {
	return inWAF(f, "UpdateWebACL", func() (*wafv2.UpdateWebACLOutput, error) {
		a := f.ACLs[*in.Name]
		switch {
		case a == nil || a.ID != *in.Id:
			return nil, Refusal("WAFNonexistentItemException")
		case a.LockToken != *in.LockToken:
			return nil, Refusal("WAFOptimisticLockException")
		}
		a.Description, a.Rules, a.LockToken = aws.ToString(in.Description), in.Rules, f.id()
		return &wafv2.UpdateWebACLOutput{NextLockToken: &a.LockToken}, nil
	})
}

// DeleteWebACL deletes what no distribution names.
func (f *WAF) DeleteWebACL(_ context.Context, in *wafv2.DeleteWebACLInput, _ ...func(*wafv2.Options)) (*wafv2.DeleteWebACLOutput, error) {
	return inWAF(f, "DeleteWebACL", func() (*wafv2.DeleteWebACLOutput, error) {
		a := f.ACLs[*in.Name]
		switch {
		case a == nil || a.ID != *in.Id:
			return nil, Refusal("WAFNonexistentItemException")
		case a.LockToken != *in.LockToken:
			return nil, Refusal("WAFOptimisticLockException")
		case f.Used != nil && f.Used(a.ARN):
			return nil, Refusal("WAFAssociatedItemException")
		}
		delete(f.ACLs, *in.Name)
		return &wafv2.DeleteWebACLOutput{}, nil
	})
}
