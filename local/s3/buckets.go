package s3

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

func (s *Service) createBucket(q *request) error {
	if !validBucketName(q.bucket) {
		return known("InvalidBucketName").with("BucketName", q.bucket)
	}
	configuration, err := q.createConfiguration()
	if err != nil {
		return err
	}
	// us-east-1 is the region that has no name in this document.
	if place := configuration.LocationConstraint; place != "" {
		if place == Region {
			return fail("InvalidLocationConstraint", "The specified location-constraint is not valid").with("LocationConstraint", place)
		}
		return fail("IllegalLocationConstraintException", "The "+place+" location constraint is incompatible for the region specific endpoint this request was sent to.")
	}
	if q.Header.Get("X-Amz-Bucket-Object-Lock-Enabled") == "true" {
		return notImplemented("CreateBucket with object lock")
	}
	if s.foreign[q.bucket] {
		return known("BucketAlreadyExists").with("BucketName", q.bucket)
	}
	made := &bucket{Name: q.bucket, Created: q.now.UTC(), Block: allBlocked(), Ownership: ownerEnforced, Tags: configuration.Tags}
	if ownership := q.Header.Get("X-Amz-Object-Ownership"); ownership != "" {
		if !validOwnership(ownership) {
			return invalidArgument("Invalid x-amz-object-ownership header: "+ownership, "x-amz-object-ownership", ownership)
		}
		made.Ownership = ownership
	}
	if hasGrants(q.Header) {
		return notImplemented("CreateBucket with grants")
	}
	if canned := q.Header.Get("X-Amz-Acl"); canned != "" && canned != "private" {
		if made.enforced() {
			return fail("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
		}
		if err := made.setACL(canned); err != nil {
			return err
		}
	}
	if existing, ok := s.registry.get(q.bucket); !ok || existing == nil {
		if err := s.store.CreateBucket(q.ctx(), q.bucket); err != nil {
			return err
		}
		if _, err := s.registry.add(made, s.options.BucketQuota); err != nil {
			return err
		}
	}
	// In us-east-1 a bucket that one owns already is success, and keeps its
	// configuration; other regions answer BucketAlreadyOwnedByYou.
	q.w.Header().Set("Location", "/"+q.bucket)
	return q.done(http.StatusOK)
}

type createConfiguration struct {
	XMLName            xml.Name `xml:"CreateBucketConfiguration"`
	LocationConstraint string
	Location           *struct{ Name, Type string }
	Bucket             *struct{ DataRedundancy, Type string }
	Tags               []tag `xml:"Tags>Tag"`
}

func (q *request) createConfiguration() (c createConfiguration, err error) {
	text, err := q.read(1 << 20)
	if err != nil || len(text) == 0 {
		return c, err
	}
	if err := xml.Unmarshal(text, &c); err != nil {
		return c, known("MalformedXML")
	}
	if c.Location != nil || c.Bucket != nil {
		return c, notImplemented("CreateBucket of a directory bucket")
	}
	return c, checkTags(c.Tags, 50)
}

func (s *Service) headBucket(q *request) error {
	q.w.Header().Set("X-Amz-Bucket-Region", Region)
	q.w.Header().Set("X-Amz-Access-Point-Alias", "false")
	return q.done(http.StatusOK)
}

func (s *Service) deleteBucket(q *request) error {
	err := s.store.DeleteBucket(q.ctx(), q.bucket, func() error { return s.registry.remove(q.bucket) })
	if err != nil {
		if asFailure(err).code == "BucketNotEmpty" {
			return known("BucketNotEmpty").with("BucketName", q.bucket)
		}
		return err
	}
	return q.done(http.StatusNoContent)
}

func (s *Service) getLocation(q *request) error {
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	}{})
}

type bucketsResult struct {
	XMLName           xml.Name      `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
	Owner             owner         `xml:"Owner"`
	Buckets           []bucketEntry `xml:"Buckets>Bucket"`
	Prefix            string        `xml:",omitempty"`
	ContinuationToken string        `xml:",omitempty"`
}

type bucketEntry struct {
	Name         string
	CreationDate string
	BucketRegion string
}

func (s *Service) listBuckets(q *request) error {
	result := bucketsResult{Owner: owner{OwnerID}, Prefix: q.query.Get("prefix")}
	most := DefaultBucketQuota
	if text := q.query.Get("max-buckets"); text != "" {
		var err error
		if most, err = strconv.Atoi(text); err != nil || most < 1 || most > DefaultBucketQuota {
			return invalidArgument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", text)
		}
	}
	after := q.query.Get("continuation-token")
	for _, b := range s.registry.all() {
		if b.Name <= after || !strings.HasPrefix(b.Name, result.Prefix) {
			continue
		}
		if region := q.query.Get("bucket-region"); region != "" && region != Region {
			continue
		}
		if len(result.Buckets) == most {
			result.ContinuationToken = result.Buckets[most-1].Name
			break
		}
		result.Buckets = append(result.Buckets, bucketEntry{b.Name, iso(b.Created), Region})
	}
	return q.answer(http.StatusOK, result)
}
