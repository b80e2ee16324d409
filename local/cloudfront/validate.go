package cloudfront

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const identityPrefix = "origin-access-identity/cloudfront/"

// firstError returns the first refusal among the results of checks.
func firstError(results ...*Error) *Error {
	for _, err := range results {
		if err != nil {
			return err
		}
	}
	return nil
}

func oneOf(name, value string, allowed ...string) *Error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return refuse("InvalidArgument", "The parameter %s must be one of %s, not %q.", name, strings.Join(allowed, ", "), value)
}

func within(name string, value, low, high int64) *Error {
	if value >= low && value <= high {
		return nil
	}
	return refuse("InvalidArgument", "The parameter %s must be between %d and %d, not %d.", name, low, high, value)
}

func checkComment(comment string) *Error {
	if len(comment) > 128 {
		return refuse("InvalidArgument", "The parameter Comment is too long: at most 128 characters are allowed.")
	}
	return nil
}

// notHere refuses what AWS has and the local CloudFront has not, so that
// nothing is accepted and then ignored.
func notHere(what string) *Error {
	return refuse("InvalidArgument", "The local CloudFront does not offer %s.", what)
}

// checkDistribution checks a normalised configuration against the rules and
// against what exists. The caller holds the lock; self is the distribution's
// own id, or empty for a new one.
func (s *Service) checkDistribution(c *DistributionConfig, self string) *Error {
	if err := firstError(
		checkComment(*c.Comment),
		oneOf("PriceClass", c.PriceClass, "PriceClass_All", "PriceClass_200", "PriceClass_100", "None"),
		oneOf("HttpVersion", c.HttpVersion, "http1.1", "http2", "http3", "http2and3"),
		checkDefaultRootObject(c.DefaultRootObject),
		s.checkAliases(c, self),
		c.ViewerCertificate.check(len(c.Aliases.Items) > 0),
		oneOf("RestrictionType", c.Restrictions.GeoRestriction.RestrictionType, "none", "whitelist", "blacklist"),
		checkLocations(&c.Restrictions.GeoRestriction),
	); err != nil {
		return err
	}
	switch {
	case c.ConnectionMode != "direct":
		return notHere("distribution tenants (ConnectionMode " + c.ConnectionMode + ")")
	case *c.Staging || c.ContinuousDeploymentPolicyId != "":
		return notHere("continuous deployment (Staging, ContinuousDeploymentPolicyId)")
	case c.AnycastIpListId != "":
		return notHere("Anycast IP lists")
	case c.Logging.Enabled && c.Logging.Bucket == "":
		return refuse("InvalidArgument", "The parameter Logging Bucket is required when logging is enabled.")
	case len(c.CacheBehaviors.Items)+1 > s.options.Quotas.BehaviorsPerDistrib:
		return refuse("TooManyCacheBehaviors", "You cannot create more cache behaviors for the distribution (%d).", s.options.Quotas.BehaviorsPerDistrib)
	}
	return firstError(
		s.checkWebACL(c.WebACLId),
		s.checkOrigins(c),
		checkErrorResponses(c),
		s.checkBehaviors(c),
	)
}

func checkDefaultRootObject(name string) *Error {
	if strings.HasPrefix(name, "/") || len(name) > 255 || strings.ContainsAny(name, "?# ") {
		return refuse("InvalidDefaultRootObject", "The default root object file name is too big or contains an invalid character: %q", name)
	}
	return nil
}

// checkLocations wants two-letter country codes, and some where they matter.
func checkLocations(g *GeoRestriction) *Error {
	if (g.RestrictionType == "none") != (len(g.Items) == 0) {
		return refuse("InvalidGeoRestrictionParameter", "The specified geo restriction parameter is not valid: locations belong to whitelist and blacklist.")
	}
	for _, code := range g.Items {
		if len(code) != 2 || strings.ToUpper(code) != code {
			return refuse("InvalidLocationCode", "The location code specified is not valid: %q", code)
		}
	}
	return nil
}

func (s *Service) checkAliases(c *DistributionConfig, self string) *Error {
	seen := map[string]bool{}
	for _, alias := range c.Aliases.Items {
		name := strings.ToLower(alias)
		if u, err := url.Parse("//" + name); err != nil || name == "" || u.Hostname() != name {
			return refuse("InvalidArgument", "The parameter CNAME contains an invalid name: %q", alias)
		}
		if seen[name] {
			return refuse("InvalidArgument", "The parameter CNAME contains %q twice.", alias)
		}
		seen[name] = true
	}
	for id, other := range s.distributions {
		if id == self {
			continue
		}
		for _, alias := range other.Config.Aliases.Items {
			if seen[strings.ToLower(alias)] {
				return refuse("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource: %s", alias)
			}
		}
	}
	return nil
}

func (v *ViewerCertificate) check(aliases bool) *Error {
	custom := v.CertificateSource != "cloudfront"
	switch {
	case custom && *v.CloudFrontDefaultCertificate:
		return refuse("InvalidViewerCertificate", "Specify either CloudFrontDefaultCertificate or a certificate of your own, not both.")
	case custom && v.SSLSupportMethod == "":
		return refuse("InvalidViewerCertificate", "SSLSupportMethod is required with a certificate of your own.")
	case !custom && !*v.CloudFrontDefaultCertificate:
		return refuse("InvalidViewerCertificate", "CloudFrontDefaultCertificate is false and no other certificate is given.")
	case !custom && aliases:
		return refuse("InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.")
	}
	if v.MinimumProtocolVersion == "" {
		return nil
	}
	return minimumProtocol(v.MinimumProtocolVersion)
}

func minimumProtocol(version string) *Error {
	if oneOf("", version, "SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025") != nil {
		return refuse("InvalidMinimumProtocolVersion", "The minimum protocol version specified is not valid: %q", version)
	}
	return nil
}

// errorCodes are the statuses that a custom error response may be for.
var errorCodes = []int{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}

func checkErrorResponses(c *DistributionConfig) *Error {
	seen := map[int]bool{}
	for _, r := range c.CustomErrorResponses.Items {
		switch {
		case !slices.Contains(errorCodes, r.ErrorCode):
			return refuse("InvalidErrorCode", "An invalid error code was specified: %d", r.ErrorCode)
		case seen[r.ErrorCode]:
			return refuse("InvalidArgument", "The parameter ErrorCode contains %d twice.", r.ErrorCode)
		case (r.ResponsePagePath == "") != (r.ResponseCode == ""):
			return refuse("InvalidArgument", "The parameters ResponsePagePath and ResponseCode must be specified together.")
		case *r.ErrorCachingMinTTL < 0:
			return refuse("InvalidArgument", "The parameter ErrorCachingMinTTL must not be negative.")
		}
		seen[r.ErrorCode] = true
		if r.ResponseCode == "" {
			continue
		}
		if !strings.HasPrefix(r.ResponsePagePath, "/") || len(r.ResponsePagePath) > 4000 {
			return refuse("InvalidArgument", "The parameter ResponsePagePath must begin with a slash: %q", r.ResponsePagePath)
		}
		if code, err := strconv.Atoi(r.ResponseCode); err != nil || code != 200 && !slices.Contains(errorCodes, code) {
			return refuse("InvalidResponseCode", "A response code is not valid: %q", r.ResponseCode)
		}
	}
	return nil
}
