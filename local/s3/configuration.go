package s3

import (
	"encoding/xml"
	"net/http"
)

// Answers for the parts of a bucket's configuration that this S3 does not
// have: what AWS answers for a bucket on which they were never set.

func (s *Service) getNotification(q *request) error {
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ NotificationConfiguration"`
	}{})
}

func (s *Service) getLogging(q *request) error {
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://doc.s3.amazonaws.com/2006-03-01 BucketLoggingStatus"`
	}{})
}

func (s *Service) getAccelerate(q *request) error {
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccelerateConfiguration"`
	}{})
}

func (s *Service) getRequestPayment(q *request) error {
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ RequestPaymentConfiguration"`
		Payer   string
	}{Payer: "BucketOwner"})
}

func (s *Service) getReplication(q *request) error {
	return known("ReplicationConfigurationNotFoundError").with("BucketName", q.bucket)
}

func (s *Service) getObjectLock(q *request) error {
	return known("ObjectLockConfigurationNotFoundError").with("BucketName", q.bucket)
}

// decode reads the XML document of a request. No document of S3 that is read
// here is larger than a megabyte but DeleteObjects' and multipart's.
func (q *request) decode(into any) error {
	text, err := q.read(4 << 20)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return known("MissingRequestBodyError")
	}
	if err := xml.Unmarshal(text, into); err != nil {
		return known("MalformedXML")
	}
	return nil
}

type versioningConfiguration struct {
	XMLName   xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ VersioningConfiguration"`
	Status    string   `xml:",omitempty"`
	MFADelete string   `xml:"MfaDelete,omitempty"`
}

func (s *Service) getVersioning(q *request) error {
	status, err := s.store.Versioning(q.ctx(), q.bucket)
	if err != nil {
		return err
	}
	return q.answer(http.StatusOK, versioningConfiguration{Status: string(status)})
}

func (s *Service) putVersioning(q *request) error {
	var input struct {
		XMLName   xml.Name `xml:"VersioningConfiguration"`
		Status    string
		MFADelete string `xml:"MfaDelete"`
	}
	if err := q.decode(&input); err != nil {
		return err
	}
	switch {
	case input.MFADelete == "Enabled":
		return notImplemented("PutBucketVersioning with MFA delete")
	case input.Status != "Enabled" && input.Status != "Suspended":
		return fail("IllegalVersioningConfigurationException", "The Versioning element must be specified")
	}
	if err := s.store.SetVersioning(q.ctx(), q.bucket, input.Status == "Enabled"); err != nil {
		return err
	}
	return q.done(http.StatusOK)
}
