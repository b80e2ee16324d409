package s3

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
)

const (
	allUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
)

type accessControlPolicy struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccessControlPolicy"`
	Owner   owner
	Grants  []grant `xml:"AccessControlList>Grant"`
}

type grant struct {
	Grantee    grantee
	Permission string
}

type grantee struct {
	XSI  string `xml:"xmlns:xsi,attr"`
	Type string `xml:"xsi:type,attr"`
	ID   string `xml:",omitempty"`
	URI  string `xml:",omitempty"`
}

const xsi = "http://www.w3.org/2001/XMLSchema-instance"

func grantsOf(canned string) []grant {
	group := func(uri, permission string) grant {
		return grant{Grantee: grantee{XSI: xsi, Type: "Group", URI: uri}, Permission: permission}
	}
	grants := []grant{{Grantee: grantee{XSI: xsi, Type: "CanonicalUser", ID: OwnerID}, Permission: "FULL_CONTROL"}}
	switch canned {
	case "public-read":
		grants = append(grants, group(allUsers, "READ"))
	case "public-read-write":
		grants = append(grants, group(allUsers, "READ"), group(allUsers, "WRITE"))
	case "authenticated-read":
		grants = append(grants, group(authenticatedUsers, "READ"))
	}
	return grants
}

func (s *Service) getBucketACL(q *request) error {
	return q.answer(http.StatusOK, accessControlPolicy{Owner: owner{OwnerID}, Grants: grantsOf(q.record.ACL)})
}

// putBucketACL knows canned ACLs only; a grant by grant is NotImplemented.
func (s *Service) putBucketACL(q *request) error {
	if q.record.enforced() {
		return known("AccessControlListNotSupported")
	}
	if hasGrants(q.Header) || q.Header.Get("X-Amz-Acl") == "" {
		if body, err := io.ReadAll(io.LimitReader(q.Body, 1)); err != nil || len(body) > 0 || hasGrants(q.Header) {
			return notImplemented("PutBucketAcl with grants")
		}
		return fail("MissingSecurityHeader", "Your request was missing a required header").with("MissingHeaderName", "x-amz-acl")
	}
	return s.change(q, http.StatusOK, func(b *bucket) error { return b.setACL(q.Header.Get("X-Amz-Acl")) })
}

func hasGrants(header http.Header) bool {
	for name := range header {
		if strings.HasPrefix(name, "X-Amz-Grant-") {
			return true
		}
	}
	return false
}

func (b *bucket) setACL(canned string) error {
	switch canned {
	case "private", "public-read", "public-read-write", "authenticated-read":
	default:
		return invalidArgument("", "x-amz-acl", canned)
	}
	if canned != "private" && b.block().BlockPublicAcls {
		return known("AccessDenied")
	}
	b.ACL = canned
	return nil
}

// aclAllows reports whether the bucket's ACL gives an action to everybody. It
// can give the listing of the bucket, and writing to it.
func (b *bucket) aclAllows(action string) bool {
	if b.enforced() || b.block().IgnorePublicAcls {
		return false
	}
	switch action {
	case "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads":
		return b.ACL == "public-read" || b.ACL == "public-read-write"
	case "s3:PutObject", "s3:DeleteObject":
		return b.ACL == "public-read-write"
	}
	return false
}

// checkObjectACL: objects are private here; with ACLs turned off the one other
// that AWS lets pass means the same.
func (q *request) checkObjectACL() error {
	canned := q.Header.Get("X-Amz-Acl")
	if q.record.enforced() {
		if hasGrants(q.Header) || canned != "" && canned != "bucket-owner-full-control" {
			return known("AccessControlListNotSupported")
		}
		return nil
	}
	if hasGrants(q.Header) || canned != "" && canned != "private" && canned != "bucket-owner-full-control" && canned != "bucket-owner-read" {
		return notImplemented(q.operation + " with an object ACL")
	}
	return nil
}

func (s *Service) getObjectACL(q *request) error {
	if _, err := s.store.Tags(q.ctx(), q.bucket, q.key, q.version); err != nil {
		return s.readError(q, err, false) // the key must be there
	}
	return q.answer(http.StatusOK, accessControlPolicy{Owner: owner{OwnerID}, Grants: grantsOf("private")})
}

func (s *Service) putObjectACL(q *request) error {
	if q.record.enforced() {
		return known("AccessControlListNotSupported")
	}
	return notImplemented("PutObjectAcl")
}
