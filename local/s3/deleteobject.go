package s3

import "net/http"

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
