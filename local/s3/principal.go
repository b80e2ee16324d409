package s3

import (
	"context"
	"strings"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// Names of the one account of this cloud.
const (
	Account = "000000000000"
	Region  = "us-east-1"
	rootARN = "arn:aws:iam::" + Account + ":root"
	// OwnerID is the account's canonical user id, which owns every bucket.
	OwnerID = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
)

// CloudFrontService is the service principal that bucket policies name for
// origin access controls.
const CloudFrontService = "cloudfront.amazonaws.com"

// oaiARN is how a bucket policy names an origin access identity, before its id.
const oaiARN = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "

// A Principal is who makes a request. The zero value is anonymous.
type Principal struct {
	root          bool
	arn           string
	canonicalUser string
	service       string
	sourceARN     string
	// caller is who asks when it is a session of a role, whose own policies
	// decide, too.
	caller *iam.Caller
}

// Session is a caller who is neither the account's root nor anonymous.
func Session(caller iam.Caller) Principal {
	return Principal{arn: caller.ARN, caller: &caller}
}

// Anonymous is nobody in particular, as an unsigned request is.
func Anonymous() Principal { return Principal{} }

// CloudFront is CloudFront reading for a distribution that has an origin
// access control.
func CloudFront(distributionARN string) Principal {
	return ServicePrincipal(CloudFrontService, distributionARN)
}

// Root is the account's root, which owns every bucket.
func Root() Principal { return Principal{root: true, arn: rootARN, canonicalUser: OwnerID} }

// OriginAccessIdentity is CloudFront reading as an origin access identity.
func OriginAccessIdentity(id, canonicalUser string) Principal {
	return Principal{arn: oaiARN + id, canonicalUser: canonicalUser}
}

// ServicePrincipal is an AWS service acting for one of the account's resources, such as
// cloudfront.amazonaws.com for a distribution with an origin access control.
func ServicePrincipal(name, sourceARN string) Principal {
	return Principal{service: name, sourceARN: sourceARN}
}

// Anonymous reports whether nobody is known to ask.
func (p Principal) Anonymous() bool { return p == Principal{} }

func (p Principal) isOAI() bool { return strings.HasPrefix(p.arn, oaiARN) }

// iam is the principal as policies see it.
func (p Principal) iam() iam.Principal {
	who := iam.Principal{CanonicalUser: p.canonicalUser, Service: p.service}
	switch {
	case p.caller != nil:
		return p.caller.Principal()
	case p.arn != "":
		who.AWS = []string{p.arn}
	}
	return who
}

// String names the principal in messages, as AWS does.
func (p Principal) String() string {
	switch {
	case p.arn != "":
		return p.arn
	case p.service != "":
		return p.service
	}
	return "Anonymous"
}

type principalKey struct{}

// WithPrincipal makes requests with the context come from p, signed or not.
// Only code in this process can do so.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

func principalFrom(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}
