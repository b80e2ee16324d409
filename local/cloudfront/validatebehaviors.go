package cloudfront

import (
	"slices"
	"strings"
)

func (s *Service) checkBehaviors(c *DistributionConfig) *Error {
	if err := s.checkBehavior(c, c.DefaultCacheBehavior); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range c.CacheBehaviors.Items {
		b := &c.CacheBehaviors.Items[i]
		if b.PathPattern == "" || len(b.PathPattern) > 255 {
			return refuse("InvalidArgument", "The parameter PathPattern must have 1 to 255 characters.")
		}
		// the slash at the beginning of a pattern is optional
		pattern := strings.TrimPrefix(b.PathPattern, "/")
		if seen[pattern] {
			return refuse("InvalidArgument", "The parameter PathPattern contains %q twice.", b.PathPattern)
		}
		seen[pattern] = true
		if err := s.checkBehavior(c, &b.Behavior); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) checkBehavior(c *DistributionConfig, b *Behavior) *Error {
	isTarget := func(id string) bool { return id == b.TargetOriginId }
	if !slices.ContainsFunc(c.Origins.Items, func(o Origin) bool { return isTarget(o.Id) }) &&
		!slices.ContainsFunc(c.OriginGroups.Items, func(g OriginGroup) bool { return isTarget(g.Id) }) {
		return noSuchOrigin()
	}
	switch {
	case b.TrustedSigners.Enabled || b.TrustedKeyGroups.Enabled:
		return notHere("signed URLs (TrustedSigners, TrustedKeyGroups)")
	case len(b.LambdaFunctionAssociations.Items) > 0:
		return notHere("Lambda@Edge; CloudFront Functions run here")
	case b.FieldLevelEncryptionId != "":
		return notHere("field-level encryption")
	case b.RealtimeLogConfigArn != "":
		return notHere("real-time logs")
	case b.GrpcConfig.Enabled:
		return notHere("gRPC")
	}
	return firstError(
		oneOf("ViewerProtocolPolicy", b.ViewerProtocolPolicy, "allow-all", "https-only", "redirect-to-https"),
		checkMethods(b.AllowedMethods),
		checkPolicies(b),
		s.checkAssociations(b.FunctionAssociations),
	)
}

var methodSets = [][]string{
	{"GET", "HEAD"},
	{"GET", "HEAD", "OPTIONS"},
	{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
}

// checkMethods accepts the three sets of methods that CloudFront has, and the
// first two of them for what is cached.
func checkMethods(m *AllowedMethods) *Error {
	isSet := func(methods []string, sets [][]string) bool {
		sorted := slices.Sorted(slices.Values(methods))
		return slices.ContainsFunc(sets, func(set []string) bool { return slices.Equal(sorted, set) })
	}
	if !isSet(m.Items, methodSets) {
		return refuse("InvalidArgument", "The parameter AllowedMethods must be GET and HEAD; GET, HEAD and OPTIONS; or all methods: %v", m.Items)
	}
	if !isSet(m.CachedMethods.Items, methodSets[:2]) || len(m.CachedMethods.Items) > len(m.Items) {
		return refuse("InvalidArgument", "The parameter CachedMethods must be GET and HEAD; or GET, HEAD and OPTIONS: %v", m.CachedMethods.Items)
	}
	return nil
}

func checkPolicies(b *Behavior) *Error {
	if (b.CachePolicyId == "") == (b.ForwardedValues == nil) {
		return refuse("InvalidArgument", "The parameter ForwardedValues or CachePolicyId is required, and only one of them.")
	}
	if b.CachePolicyId != "" {
		if b.MinTTL != nil || b.DefaultTTL != nil || b.MaxTTL != nil {
			return refuse("InvalidArgument", "The parameters MinTTL, DefaultTTL and MaxTTL cannot be used with CachePolicyId.")
		}
		if _, ok := CachePolicy(b.CachePolicyId); !ok {
			return refuse("NoSuchCachePolicy", "The specified cache policy does not exist: %s", b.CachePolicyId)
		}
	}
	if id := b.OriginRequestPolicyId; id != "" {
		if b.CachePolicyId == "" {
			return refuse("InvalidArgument", "The parameter OriginRequestPolicyId needs a CachePolicyId.")
		}
		if _, ok := OriginRequestPolicy(id); !ok {
			return refuse("NoSuchOriginRequestPolicy", "The specified origin request policy does not exist: %s", id)
		}
	}
	if id := b.ResponseHeadersPolicyId; id != "" {
		if _, ok := ResponseHeadersPolicy(id); !ok {
			return refuse("NoSuchResponseHeadersPolicy", "The specified response headers policy does not exist: %s", id)
		}
	}
	if b.ForwardedValues == nil {
		return nil
	}
	if *b.MinTTL < 0 || *b.MinTTL > *b.DefaultTTL || *b.DefaultTTL > *b.MaxTTL {
		return refuse("InvalidTTLOrder", "The TTL order specified is not valid: MinTTL %d, DefaultTTL %d, MaxTTL %d.", *b.MinTTL, *b.DefaultTTL, *b.MaxTTL)
	}
	cookies := b.ForwardedValues.Cookies
	if oneOf("", cookies.Forward, "none", "whitelist", "all") != nil || (cookies.Forward == "whitelist") != (cookies.WhitelistedNames != nil) {
		return refuse("InvalidForwardCookies", "Your request contains forward cookies option which doesn't match with the expectation for the whitelisted list of cookie names.")
	}
	return nil
}

// checkAssociations wants published functions, one for each event at most.
func (s *Service) checkAssociations(a *Associations) *Error {
	seen := map[string]bool{}
	for _, each := range a.Items {
		if err := oneOf("EventType", each.EventType, "viewer-request", "viewer-response"); err != nil {
			return refuse("InvalidFunctionAssociation", "A CloudFront function cannot be associated with the event %q.", each.EventType)
		}
		if seen[each.EventType] {
			return refuse("InvalidFunctionAssociation", "The event %s has more than one function.", each.EventType)
		}
		seen[each.EventType] = true
		name, ok := strings.CutPrefix(each.FunctionARN, arnPrefix+"function/")
		if f := s.functions[name]; !ok || f == nil || f.Live == nil {
			return refuse("InvalidFunctionAssociation", "The function %s does not exist or is not published in the LIVE stage.", each.FunctionARN)
		}
	}
	return nil
}
