package s3

import (
	"encoding/xml"
	"net/http"
)

// publicAccessBlock is a bucket's block public access.
type publicAccessBlock struct {
	XMLName               xml.Name `xml:"PublicAccessBlockConfiguration" json:"-"`
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// allBlocked is what a new bucket has, since April 2023.
func allBlocked() *publicAccessBlock {
	return &publicAccessBlock{BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
}

func (s *Service) getPublicAccessBlock(q *request) error {
	if q.record.Block == nil {
		return known("NoSuchPublicAccessBlockConfiguration").with("BucketName", q.bucket)
	}
	shown := *q.record.Block
	return q.answer(http.StatusOK, struct {
		XMLName                                                                     xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PublicAccessBlockConfiguration"`
		BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
	}{BlockPublicAcls: shown.BlockPublicAcls, IgnorePublicAcls: shown.IgnorePublicAcls, BlockPublicPolicy: shown.BlockPublicPolicy, RestrictPublicBuckets: shown.RestrictPublicBuckets})
}

func (s *Service) putPublicAccessBlock(q *request) error {
	var input publicAccessBlock
	if err := q.decode(&input); err != nil {
		return err
	}
	return s.change(q, http.StatusOK, func(b *bucket) error { b.Block = &input; return nil })
}

func (s *Service) deletePublicAccessBlock(q *request) error {
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.Block = nil; return nil })
}

// change updates the bucket's record and answers without a body.
func (s *Service) change(q *request, status int, change func(*bucket) error) error {
	if err := s.registry.update(q.bucket, change); err != nil {
		return err
	}
	return q.done(status)
}

// Object ownerships. Enforced, the default, turns ACLs off.
const (
	ownerEnforced  = "BucketOwnerEnforced"
	ownerPreferred = "BucketOwnerPreferred"
	objectWriter   = "ObjectWriter"
)

type ownershipControls struct {
	XMLName xml.Name        `xml:"http://s3.amazonaws.com/doc/2006-03-01/ OwnershipControls"`
	Rules   []ownershipRule `xml:"Rule"`
}

type ownershipRule struct{ ObjectOwnership string }

func validOwnership(value string) bool {
	return value == ownerEnforced || value == ownerPreferred || value == objectWriter
}

func (s *Service) getOwnership(q *request) error {
	if q.record.Ownership == "" {
		return known("OwnershipControlsNotFoundError").with("BucketName", q.bucket)
	}
	return q.answer(http.StatusOK, ownershipControls{Rules: []ownershipRule{{q.record.Ownership}}})
}

func (s *Service) putOwnership(q *request) error {
	var input struct {
		XMLName xml.Name        `xml:"OwnershipControls"`
		Rules   []ownershipRule `xml:"Rule"`
	}
	if err := q.decode(&input); err != nil {
		return err
	}
	if len(input.Rules) != 1 || !validOwnership(input.Rules[0].ObjectOwnership) {
		return known("MalformedXML")
	}
	return s.change(q, http.StatusOK, func(b *bucket) error {
		if input.Rules[0].ObjectOwnership == ownerEnforced && b.ACL != "" && b.ACL != "private" {
			return fail("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
		}
		b.Ownership = input.Rules[0].ObjectOwnership
		return nil
	})
}

func (s *Service) deleteOwnership(q *request) error {
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.Ownership = ""; return nil })
}
