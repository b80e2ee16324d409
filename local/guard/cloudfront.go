package guard

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
)

// cloudfront's paths are /VERSION/KIND/ID/…, but for the identities'.
var cloudfront = table{
	"CreateDistribution":         ofKind("distribution", "CreateDistribution"),
	"CreateDistributionWithTags": createDistributionWithTags,
	"ListDistributions":          everywhere("cloudfront:ListDistributions"),
	// AWS gives it no resource to name.
	"ListDistributionsByWebACLId": everywhere("cloudfront:ListDistributionsByWebACLId"),
	"GetDistribution":             ofKind("distribution", "GetDistribution"),
	"GetDistributionConfig":       ofKind("distribution", "GetDistributionConfig"),
	"UpdateDistribution":          ofKind("distribution", "UpdateDistribution"),
	"DeleteDistribution":          ofKind("distribution", "DeleteDistribution"),
	"CreateInvalidation":          ofKind("distribution", "CreateInvalidation"),
	"ListInvalidations":           ofKind("distribution", "ListInvalidations"),
	"GetInvalidation":             ofKind("distribution", "GetInvalidation"),

	"CreateCloudFrontOriginAccessIdentity":    ofKind("origin-access-identity", "CreateCloudFrontOriginAccessIdentity"),
	"ListCloudFrontOriginAccessIdentities":    everywhere("cloudfront:ListCloudFrontOriginAccessIdentities"),
	"GetCloudFrontOriginAccessIdentity":       ofKind("origin-access-identity", "GetCloudFrontOriginAccessIdentity"),
	"GetCloudFrontOriginAccessIdentityConfig": ofKind("origin-access-identity", "GetCloudFrontOriginAccessIdentityConfig"),
	"UpdateCloudFrontOriginAccessIdentity":    ofKind("origin-access-identity", "UpdateCloudFrontOriginAccessIdentity"),
	"DeleteCloudFrontOriginAccessIdentity":    ofKind("origin-access-identity", "DeleteCloudFrontOriginAccessIdentity"),

	"CreateOriginAccessControl":    ofKind("origin-access-control", "CreateOriginAccessControl"),
	"ListOriginAccessControls":     everywhere("cloudfront:ListOriginAccessControls"),
	"GetOriginAccessControl":       ofKind("origin-access-control", "GetOriginAccessControl"),
	"GetOriginAccessControlConfig": ofKind("origin-access-control", "GetOriginAccessControlConfig"),
	"UpdateOriginAccessControl":    ofKind("origin-access-control", "UpdateOriginAccessControl"),
	"DeleteOriginAccessControl":    ofKind("origin-access-control", "DeleteOriginAccessControl"),

	"ListFunctions":    everywhere("cloudfront:ListFunctions"),
	"CreateFunction":   ofKind("function", "CreateFunction"),
	"GetFunction":      ofKind("function", "GetFunction"),
	"DescribeFunction": ofKind("function", "DescribeFunction"),
	"UpdateFunction":   ofKind("function", "UpdateFunction"),
	"PublishFunction":  ofKind("function", "PublishFunction"),
	"TestFunction":     ofKind("function", "TestFunction"),
	"DeleteFunction":   ofKind("function", "DeleteFunction"),

	"TagResource":         tagged("TagResource"),
	"UntagResource":       tagged("UntagResource"),
	"ListTagsForResource": tagged("ListTagsForResource"),
}

// ofKind is for an action on the resource whose kind and id are in the path.
// What is only made has no id yet: its ARN is that of any.
func ofKind(kind, action string) row {
	return func(q *request) ([]Need, error) {
		after := 2
		if kind == "origin-access-identity" { // …/origin-access-identity/cloudfront/ID
			after = 3
		}
		id := q.segment(after)
		if id == "" {
			id = "*"
		}
		return one("cloudfront:"+action, cloudfrontARN(q, kind+"/"+id))
	}
}

func cloudfrontARN(q *request, resource string) string {
	return "arn:aws:cloudfront::" + q.account + ":" + resource
}

// createDistributionWithTags needs the right to tag, too.
func createDistributionWithTags(q *request) ([]Need, error) {
	var in struct {
		Tags []struct{ Key, Value string } `xml:"Tags>Items>Tag"`
	}
	if err := xml.Unmarshal(q.body, &in); err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	context := map[string]string{}
	for _, tag := range in.Tags {
		context["aws:RequestTag/"+tag.Key] = tag.Value
	}
	any := cloudfrontARN(q, "distribution/*")
	return []Need{
		{Action: "cloudfront:CreateDistribution", Resource: any, Context: context},
		{Action: "cloudfront:TagResource", Resource: any, Context: context},
	}, nil
}

// tagged is for an action on the resource whose ARN is in the query.
func tagged(action string) row {
	return func(q *request) ([]Need, error) {
		arn := q.URL.Query().Get("Resource")
		if !strings.HasPrefix(arn, "arn:") {
			return nil, fmt.Errorf("%s %s names no resource", http.MethodPost, action)
		}
		return one("cloudfront:"+action, arn)
	}
}
