package s3

import (
	"encoding/xml"
	"net/http"
	"strconv"
)

func (s *Service) deleteObject(q *request) error {
	condition, err := writeCondition(q.Header, q.key)
	if err != nil {
		return err
	}
	out, err := s.store.Delete(q.ctx(), q.bucket, q.key, q.version, condition)
	if err != nil {
		if f := asFailure(err); f.code == "InvalidArgument" {
			return invalidArgument("Invalid version id specified", "versionId", q.version)
		}
		return err
	}
	if out.Version != "" {
		q.w.Header().Set("X-Amz-Version-Id", out.Version)
	}
	if out.Marker {
		q.w.Header().Set("X-Amz-Delete-Marker", "true")
	}
	return q.done(http.StatusNoContent)
}

// mostDeletes is S3's limit for one DeleteObjects.
const mostDeletes = 1000

type deleteRequest struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key       string
		VersionID string `xml:"VersionId"`
		ETag      string
	} `xml:"Object"`
}

type deleteResult struct {
	XMLName xml.Name       `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deletedEntry `xml:"Deleted"`
	Errors  []deleteError  `xml:"Error"`
}

type deletedEntry struct {
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          string `xml:"DeleteMarker,omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deleteError struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
	Code      string
	Message   string
}

func (s *Service) deleteObjects(q *request) error {
	var input deleteRequest
	if err := q.decode(&input); err != nil {
		return err
	}
	if len(input.Objects) == 0 || len(input.Objects) > mostDeletes {
		return known("MalformedXML")
	}
	var result deleteResult
	for _, object := range input.Objects {
		entry, failed := s.deleteOne(q, object.Key, object.VersionID, object.ETag)
		switch {
		case failed != nil:
			result.Errors = append(result.Errors, deleteError{Key: object.Key, VersionID: object.VersionID, Code: failed.code, Message: failed.message})
		case !input.Quiet:
			result.Deleted = append(result.Deleted, entry)
		}
	}
	return q.answer(http.StatusOK, result)
}

func (s *Service) deleteOne(q *request, key, version, etag string) (deletedEntry, *failure) {
	entry := deletedEntry{Key: key, VersionID: version}
	if key == "" {
		return entry, fail("UserKeyMustBeSpecified", "The bucket POST must contain the specified field name. If it is specified, please check the order of the fields.")
	}
	if len(key) > 1024 {
		return entry, known("KeyTooLongError")
	}
	if err := s.authorize(q, actionOf("DeleteObject", version), q.bucket, key); err != nil {
		return entry, asFailure(err)
	}
	header := http.Header{}
	if etag != "" {
		header.Set("If-Match", etag)
	}
	condition, err := writeCondition(header, key)
	if err != nil {
		return entry, asFailure(err)
	}
	out, err := s.store.Delete(q.ctx(), q.bucket, key, version, condition)
	if err != nil {
		f := asFailure(err)
		if f.code == "InternalError" {
			s.log.Error("s3: delete failed", "bucket", q.bucket, "key", key, "request", q.id, "error", err)
		}
		if f.code == "InvalidArgument" {
			f = known("NoSuchVersion")
		}
		return entry, f
	}
	if out.Marker {
		entry.DeleteMarker, entry.DeleteMarkerVersionID = strconv.FormatBool(true), out.Version
	}
	return entry, nil
}
