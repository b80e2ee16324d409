package ecr

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// serveBlobTo answers a client that logged in.
func (s *Service) serveBlobTo(v *visit) error {
	switch v.r.Method {
	case http.MethodGet:
		if err := s.permit(v, "GetDownloadUrlForLayer"); err != nil {
			return err
		}
	case http.MethodHead:
		// A client that is about to push asks so, and relies on the answer.
		if err := s.permit(v, "BatchCheckLayerAvailability"); err != nil {
			return err
		}
		if _, err := s.blobs.Reserve(v.r.Context(), v.repo.key(), v.reference); err != nil {
			return err
		}
	default:
		return unsupported(v)
	}
	return s.blobs.Serve(v.w, v.r, v.repo.key(), v.reference)
}

// linkLife is how long a layer's download URL is good for.
const linkLife = time.Hour

// downloadURL is a URL from which anybody may get a layer for a while.
func (s *Service) downloadURL(r *repository, digest string) string {
	expires := strconv.FormatInt(s.o.Now().Add(linkLife).Unix(), 10)
	path := "/v2/" + s.path(r) + "/blobs/" + digest
	query := url.Values{"expires": {expires}, "signature": {s.tokens.sign("download", path+"\n"+expires)}}
	return "http://" + s.o.Host + path + "?" + query.Encode()
}

// presigned reports whether the visit comes by a download URL that is still
// good.
func (s *Service) presigned(v *visit) bool {
	query := v.r.URL.Query()
	expires, err := strconv.ParseInt(query.Get("expires"), 10, 64)
	if err != nil || v.r.Method != http.MethodGet && v.r.Method != http.MethodHead {
		return false
	}
	want := s.tokens.sign("download", v.r.URL.Path+"\n"+query.Get("expires"))
	return equal(query.Get("signature"), want) && s.o.Now().Unix() <= expires
}

func (s *Service) serveBlob(v *visit) {
	registry, name := s.fromPath(v.name)
	found, err := s.find(v.r.Context(), s.store.reader, registry, name)
	if err == nil {
		err = s.blobs.Serve(v.w, v.r, found.key(), v.reference)
	}
	if err != nil {
		s.refuse(v.w, err)
	}
}
