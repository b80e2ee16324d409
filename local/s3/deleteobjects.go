package s3

import (
	"encoding/xml"
	"net/http"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

// mostDeletes is S3's limit for one DeleteObjects.
const mostDeletes = 1000

type deleteRequest struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []deleteEntry `xml:"Object"`
}

type deleteEntry struct {
	Key       string
	VersionID string `xml:"VersionId"`
	ETag      string
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
	for rest := input.Objects; len(rest) > 0; {
		n := versionsOfOneKey(rest)
		for i, outcome := range s.deleteEntries(q, rest[:n], !input.Quiet) {
			switch {
			case outcome.failed != nil:
				result.Errors = append(result.Errors, deleteError{
					Key: rest[i].Key, VersionID: rest[i].VersionID, Code: outcome.failed.code, Message: outcome.failed.message,
				})
			case !input.Quiet:
				result.Deleted = append(result.Deleted, outcome.deletedEntry)
			}
		}
		rest = rest[n:]
	}
	return q.answer(http.StatusOK, result)
}

// versionsOfOneKey is how many entries, from the first on, name versions of the
// same key and nothing else; it is at least 1.
func versionsOfOneKey(entries []deleteEntry) int {
	n := 0
	for n < len(entries) && entries[n].Key == entries[0].Key && entries[n].VersionID != "" && entries[n].ETag == "" {
		n++
	}
	return max(n, 1)
}

// A deleteOutcome is what DeleteObjects answers about one of its entries.
type deleteOutcome struct {
	deletedEntry
	failed *failure
}

// deleteEntries deletes one entry, or versions of one key together. It looks up
// which of these were delete markers if tell is set.
func (s *Service) deleteEntries(q *request, entries []deleteEntry, tell bool) []deleteOutcome {
	outcomes := make([]deleteOutcome, len(entries))
	for i, e := range entries {
		outcomes[i].deletedEntry = deletedEntry{Key: e.Key, VersionID: e.VersionID}
	}
	first := entries[0]
	condition, err := s.mayDelete(q, first)
	switch {
	case err != nil:
		for i := range outcomes {
			outcomes[i].failed = asFailure(err)
		}
	case first.VersionID == "" || condition != nil:
		deleted, err := s.store.Delete(q.ctx(), q.bucket, first.Key, first.VersionID, condition)
		s.tell(q, &outcomes[0], deleted, err)
	default:
		ids := make([]string, len(entries))
		for i, e := range entries {
			ids[i] = e.VersionID
		}
		for i, removal := range s.store.DeleteVersions(q.ctx(), q.bucket, first.Key, ids, tell) {
			s.tell(q, &outcomes[i], removal.Deletion, removal.Err)
		}
	}
	return outcomes
}

// mayDelete checks an entry, and the caller's right to delete it. It returns the
// condition under which it is deleted, if it has one.
func (s *Service) mayDelete(q *request, entry deleteEntry) (objects.Condition, error) {
	if entry.Key == "" {
		return nil, fail("UserKeyMustBeSpecified", "The bucket POST must contain the specified field name. If it is specified, please check the order of the fields.")
	}
	if len(entry.Key) > 1024 {
		return nil, known("KeyTooLongError")
	}
	if err := s.authorize(q, actionOf("DeleteObject", entry.VersionID), q.bucket, entry.Key); err != nil {
		return nil, err
	}
	header := http.Header{}
	if entry.ETag != "" {
		header.Set("If-Match", entry.ETag)
	}
	return writeCondition(header, entry.Key)
}

// tell writes down what became of an entry.
func (s *Service) tell(q *request, outcome *deleteOutcome, deleted objects.Deletion, err error) {
	if err != nil {
		outcome.failed = asFailure(err)
		switch outcome.failed.code {
		case "InternalError":
			s.log.Error("s3: delete failed", "bucket", q.bucket, "key", outcome.Key, "request", q.id, "error", err)
		case "InvalidArgument":
			outcome.failed = known("NoSuchVersion")
		}
	} else if deleted.Marker {
		outcome.DeleteMarker, outcome.DeleteMarkerVersionID = strconv.FormatBool(true), deleted.Version
	}
}
