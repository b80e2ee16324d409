package s3

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// authorize answers nil when the caller may do the action on the bucket or key.
func (s *Service) authorize(q *request, action, bucketName, key string) error {
	record := q.record
	if bucketName != q.bucket || record == nil {
		record, _ = s.registry.get(bucketName)
	}
	resource := resourceARN(bucketName, key)
	if q.who.caller != nil {
		return s.authorizeSession(q, action, resource, record)
	}
	if record == nil { // ListBuckets, CreateBucket
		if q.who.root {
			return nil
		}
		return known("AccessDenied")
	}
	decision := iam.ImplicitDeny
	if record.policy != nil {
		decision = iam.Evaluate([]*iam.Policy{record.policy}, iam.Request{
			Principal: q.who.iam(), Action: action, Resource: resource, Context: s.conditions(q),
		})
	}
	switch {
	case decision == iam.Deny && (!q.who.root || !rescues(action)):
		return denied(q.who, action, resource, "with an explicit deny in a resource-based policy")
	case q.who.root:
		return nil
	case decision == iam.Allow && (!record.public || !record.block().RestrictPublicBuckets || q.who.service != ""):
		// A bucket with a public policy that is restricted serves its
		// account and AWS services only.
		return nil
	case record.aclAllows(action):
		return nil
	}
	return denied(q.who, action, resource, "because no resource-based policy allows the "+action+" action")
}

// authorizeSession answers nil when a role's session may do the action, by the
// role's policies or by the bucket's.
func (s *Service) authorizeSession(q *request, action, resource string, record *bucket) error {
	var policy *iam.Policy
	if record != nil {
		policy = record.policy
	}
	if answer := q.who.caller.May(action, resource, s.conditions(q), policy); !answer.Allowed {
		return denied(q.who, action, resource, answer.Because)
	}
	return nil
}

// besides are the actions that a header of a request asks for on top of its
// operation's own.
var besides = []struct{ operation, header, action string }{
	{"CreateBucket", "X-Amz-Object-Ownership", "s3:PutBucketOwnershipControls"},
	{"CreateBucket", "X-Amz-Acl", "s3:PutBucketAcl"},
	{"PutObject", "X-Amz-Tagging", "s3:PutObjectTagging"},
	{"PutObject", "X-Amz-Acl", "s3:PutObjectAcl"},
	{"CopyObject", "X-Amz-Tagging", "s3:PutObjectTagging"},
	{"CreateMultipartUpload", "X-Amz-Tagging", "s3:PutObjectTagging"},
}

// authorizeBesides is for roles' sessions alone: the root may all of it.
func (s *Service) authorizeBesides(q *request) error {
	if q.who.caller == nil {
		return nil
	}
	for _, b := range besides {
		if b.operation != q.operation || q.Header.Get(b.header) == "" {
			continue
		}
		if err := s.authorize(q, b.action, q.bucket, q.key); err != nil {
			return err
		}
	}
	return nil
}

// rescues: a policy that denies everything to everybody does not lock the
// account's root out of the policy itself.
func rescues(action string) bool {
	return action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" || action == "s3:DeleteBucketPolicy"
}

func denied(who Principal, action, resource, why string) *failure {
	if who.Anonymous() {
		return known("AccessDenied")
	}
	return fail("AccessDenied", "User: "+who.String()+" is not authorized to perform: "+action+" on resource: \""+resource+"\" "+why)
}

// conditions are the keys that a bucket policy may ask about. They are the same
// for each key that a request asks for.
func (s *Service) conditions(q *request) iam.Context {
	if q.conditions == nil {
		q.conditions = conditionsOf(q)
	}
	return q.conditions
}

func conditionsOf(q *request) iam.Context {
	c := iam.Context{}
	now := q.now.UTC()
	c.Set("aws:CurrentTime", now.Format(time.RFC3339))
	c.Set("aws:EpochTime", itoa(now.Unix()))
	c.Set("aws:SecureTransport", boolText(secure(q)))
	c.Set("s3:ResourceAccount", Account)
	c.Set("aws:ResourceAccount", Account)
	if host, _, err := net.SplitHostPort(q.RemoteAddr); err == nil {
		c.Set("aws:SourceIp", host)
	}
	if who := q.who; who.root {
		c.Set("aws:PrincipalArn", who.arn)
		c.Set("aws:PrincipalAccount", Account)
		c.Set("aws:PrincipalType", "Account")
		c.Set("aws:userid", Account)
	} else if who.service != "" {
		c.Set("aws:PrincipalServiceName", who.service)
		c.Set("aws:PrincipalIsAWSService", "true")
		c.Set("aws:SourceArn", who.sourceARN)
		if parts := strings.Split(who.sourceARN, ":"); len(parts) > 5 {
			c.Set("aws:SourceAccount", parts[4])
		}
	} else if who.caller != nil {
		c.Set("aws:PrincipalArn", who.caller.PrincipalARN())
		c.Set("aws:PrincipalAccount", Account)
		c.Set("aws:PrincipalType", "AssumedRole")
	} else if who.arn != "" {
		c.Set("aws:PrincipalArn", who.arn)
	} else {
		c.Set("aws:PrincipalType", "Anonymous")
		c.Set("aws:userid", "anonymous")
	}
	if q.who.service == "" {
		c.Set("aws:PrincipalIsAWSService", "false")
	}
	if q.signed != "" {
		c.Set("s3:authType", q.signed)
		c.Set("s3:signatureversion", algorithm)
	}
	for key, header := range map[string]string{
		"aws:UserAgent": "User-Agent", "aws:Referer": "Referer", "s3:x-amz-acl": "X-Amz-Acl",
		"s3:x-amz-server-side-encryption":                "X-Amz-Server-Side-Encryption",
		"s3:x-amz-server-side-encryption-aws-kms-key-id": "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id",
		"s3:x-amz-content-sha256":                        "X-Amz-Content-Sha256",
		"s3:x-amz-copy-source":                           "X-Amz-Copy-Source",
		"s3:x-amz-metadata-directive":                    "X-Amz-Metadata-Directive",
		"s3:x-amz-storage-class":                         "X-Amz-Storage-Class",
		"s3:if-match":                                    "If-Match",
		"s3:if-none-match":                               "If-None-Match",
	} {
		if value := q.Header.Get(header); value != "" {
			c.Set(key, value)
		}
	}
	for key, parameter := range map[string]string{"s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys", "s3:VersionId": "versionId"} {
		if q.query.Has(parameter) {
			c.Set(key, q.query.Get(parameter))
		}
	}
	return c
}

// secure reports whether a request counts as made over TLS. The loopback
// interface does: what is sent over it leaves the machine no more than what
// TLS protects is readable on the way, and a policy that demands TLS, which
// every bucket of Mayfly has, must be the same here and on AWS. A request from
// elsewhere counts only with TLS. See docs/adr/0007-loopback-counts-as-tls.md.
func secure(q *request) bool {
	if q.TLS != nil {
		return true
	}
	if q.RemoteAddr == "" || q.RemoteAddr == inProcess {
		return true // it never was on a wire
	}
	address, err := netip.ParseAddrPort(q.RemoteAddr)
	return err == nil && address.Addr().IsLoopback()
}
