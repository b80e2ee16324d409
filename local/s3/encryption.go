package s3

import (
	"encoding/xml"
	"net/http"
)

// encryption is a bucket's default encryption. Nothing is encrypted here: what
// is kept is which encryption each object would have, since it decides who can
// read it.
type encryption struct {
	XMLName xml.Name         `xml:"ServerSideEncryptionConfiguration" json:"-"`
	Rules   []encryptionRule `xml:"Rule"`
}

type encryptionRule struct {
	Apply struct {
		Algorithm string `xml:"SSEAlgorithm"`
		KeyID     string `xml:"KMSMasterKeyID,omitempty"`
	} `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKeyEnabled bool
}

// defaultEncryption is what an object gets that asks for none: S3's own keys,
// since January 2023, unless the bucket says otherwise.
func (b *bucket) defaultEncryption() (algorithm, key string) {
	if b.Encrypt == nil || len(b.Encrypt.Rules) == 0 {
		return aes256, ""
	}
	return b.Encrypt.Rules[0].Apply.Algorithm, b.Encrypt.Rules[0].Apply.KeyID
}

func (s *Service) getEncryption(q *request) error {
	rules := []encryptionRule{{}}
	rules[0].Apply.Algorithm = aes256
	if q.record.Encrypt != nil {
		rules = q.record.Encrypt.Rules
	}
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name         `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ServerSideEncryptionConfiguration"`
		Rules   []encryptionRule `xml:"Rule"`
	}{Rules: rules})
}

func (s *Service) putEncryption(q *request) error {
	var input encryption
	if err := q.decode(&input); err != nil {
		return err
	}
	if len(input.Rules) != 1 {
		return known("MalformedXML")
	}
	switch apply := input.Rules[0].Apply; apply.Algorithm {
	case aes256:
		if apply.KeyID != "" {
			return fail("InvalidArgument", "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
		}
	case kms:
	case "aws:kms:dsse":
		return notImplemented("PutBucketEncryption with aws:kms:dsse")
	default:
		return known("MalformedXML")
	}
	return s.change(q, http.StatusOK, func(b *bucket) error { b.Encrypt = &input; return nil })
}

// deleteEncryption sets the default back; AWS has no bucket without encryption.
func (s *Service) deleteEncryption(q *request) error {
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.Encrypt = nil; return nil })
}
