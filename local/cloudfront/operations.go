package cloudfront

import (
	"net/http"
	"strings"
)

// operation is one operation of the API: how its requests look and what does
// it. In path, * stands for one variable segment.
type operation struct {
	name, method, path string
	query, value       string // a query parameter that must be there, and its value
	do                 func(*Service, *call) (*answer, *Error)
}

var operations = []operation{
	{name: "CreateDistributionWithTags", method: http.MethodPost, path: "distribution", query: "WithTags", do: (*Service).createDistributionWithTags},
	{name: "CreateDistribution", method: http.MethodPost, path: "distribution", do: (*Service).createDistribution},
	{name: "ListDistributions", method: http.MethodGet, path: "distribution", do: (*Service).listDistributions},
	{name: "ListDistributionsByWebACLId", method: http.MethodGet, path: "distributionsByWebACLId/*", do: (*Service).listDistributionsByWebACL},
	{name: "GetDistribution", method: http.MethodGet, path: "distribution/*", do: (*Service).getDistribution},
	{name: "GetDistributionConfig", method: http.MethodGet, path: "distribution/*/config", do: (*Service).getDistributionConfig},
	{name: "UpdateDistribution", method: http.MethodPut, path: "distribution/*/config", do: (*Service).updateDistribution},
	{name: "DeleteDistribution", method: http.MethodDelete, path: "distribution/*", do: (*Service).deleteDistribution},

	{name: "CreateInvalidation", method: http.MethodPost, path: "distribution/*/invalidation", do: (*Service).createInvalidation},
	{name: "ListInvalidations", method: http.MethodGet, path: "distribution/*/invalidation", do: (*Service).listInvalidations},
	{name: "GetInvalidation", method: http.MethodGet, path: "distribution/*/invalidation/*", do: (*Service).getInvalidation},

	{name: "CreateCloudFrontOriginAccessIdentity", method: http.MethodPost, path: identityPath, do: (*Service).createIdentity},
	{name: "ListCloudFrontOriginAccessIdentities", method: http.MethodGet, path: identityPath, do: (*Service).listIdentities},
	{name: "GetCloudFrontOriginAccessIdentity", method: http.MethodGet, path: identityPath + "/*", do: (*Service).getIdentity},
	{name: "GetCloudFrontOriginAccessIdentityConfig", method: http.MethodGet, path: identityPath + "/*/config", do: (*Service).getIdentityConfig},
	{name: "UpdateCloudFrontOriginAccessIdentity", method: http.MethodPut, path: identityPath + "/*/config", do: (*Service).updateIdentity},
	{name: "DeleteCloudFrontOriginAccessIdentity", method: http.MethodDelete, path: identityPath + "/*", do: (*Service).deleteIdentity},

	{name: "CreateOriginAccessControl", method: http.MethodPost, path: "origin-access-control", do: (*Service).createControl},
	{name: "ListOriginAccessControls", method: http.MethodGet, path: "origin-access-control", do: (*Service).listControls},
	{name: "GetOriginAccessControl", method: http.MethodGet, path: "origin-access-control/*", do: (*Service).getControl},
	{name: "GetOriginAccessControlConfig", method: http.MethodGet, path: "origin-access-control/*/config", do: (*Service).getControlConfig},
	{name: "UpdateOriginAccessControl", method: http.MethodPut, path: "origin-access-control/*/config", do: (*Service).updateControl},
	{name: "DeleteOriginAccessControl", method: http.MethodDelete, path: "origin-access-control/*", do: (*Service).deleteControl},

	{name: "CreateFunction", method: http.MethodPost, path: "function", do: (*Service).createFunction},
	{name: "ListFunctions", method: http.MethodGet, path: "function", do: (*Service).listFunctions},
	{name: "GetFunction", method: http.MethodGet, path: "function/*", do: (*Service).getFunction},
	{name: "DescribeFunction", method: http.MethodGet, path: "function/*/describe", do: (*Service).describeFunction},
	{name: "UpdateFunction", method: http.MethodPut, path: "function/*", do: (*Service).updateFunction},
	{name: "PublishFunction", method: http.MethodPost, path: "function/*/publish", do: (*Service).publishFunction},
	{name: "TestFunction", method: http.MethodPost, path: "function/*/test", do: (*Service).testFunction},
	{name: "DeleteFunction", method: http.MethodDelete, path: "function/*", do: (*Service).deleteFunction},

	{name: "TagResource", method: http.MethodPost, path: "tagging", query: "Operation", value: "Tag", do: (*Service).tagResource},
	{name: "UntagResource", method: http.MethodPost, path: "tagging", query: "Operation", value: "Untag", do: (*Service).untagResource},
	{name: "ListTagsForResource", method: http.MethodGet, path: "tagging", do: (*Service).listTags},

	{name: "ListCachePolicies", method: http.MethodGet, path: "cache-policy", do: (*Service).listCachePolicies},
	{name: "GetCachePolicy", method: http.MethodGet, path: "cache-policy/*", do: (*Service).getCachePolicy},
	{name: "GetCachePolicyConfig", method: http.MethodGet, path: "cache-policy/*/config", do: (*Service).getCachePolicyConfig},
	{name: "ListOriginRequestPolicies", method: http.MethodGet, path: "origin-request-policy", do: (*Service).listOriginRequestPolicies},
	{name: "GetOriginRequestPolicy", method: http.MethodGet, path: "origin-request-policy/*", do: (*Service).getOriginRequestPolicy},
	{name: "GetOriginRequestPolicyConfig", method: http.MethodGet, path: "origin-request-policy/*/config", do: (*Service).getOriginRequestPolicyConfig},
	{name: "ListResponseHeadersPolicies", method: http.MethodGet, path: "response-headers-policy", do: (*Service).listResponseHeadersPolicies},
	{name: "GetResponseHeadersPolicy", method: http.MethodGet, path: "response-headers-policy/*", do: (*Service).getResponseHeadersPolicy},
	{name: "GetResponseHeadersPolicyConfig", method: http.MethodGet, path: "response-headers-policy/*/config", do: (*Service).getResponseHeadersPolicyConfig},
}

// fits compares the segments of a path with the operation's, and returns what
// stands where its path has *.
func (o *operation) fits(segments []string) (id, sub string, ok bool) {
	rest := o.path
	for i, segment := range segments {
		want, tail, more := strings.Cut(rest, "/")
		switch {
		case want == "*" && segment == "":
			return "", "", false
		case want == "*" && id == "":
			id = segment
		case want == "*":
			sub = segment
		case want != segment:
			return "", "", false
		}
		if last := i == len(segments)-1; last || !more {
			return id, sub, last && !more
		}
		rest = tail
	}
	return "", "", false
}
