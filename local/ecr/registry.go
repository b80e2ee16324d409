package ecr

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/local/ecr/blobs"
	"github.com/mayfly-dev/mayfly/local/iam"
)

// A route is what a path under /v2/ is about.
type route struct {
	kind string // base, catalog, tags, manifest, blob, upload, referrers
	name string // the repository's, as clients know it
	// reference is a tag, a digest, or an upload's id.
	reference string
}

// parseRoute reads a path from its end: a repository may be called like a part
// of it.
func parseRoute(path string) (route, bool) {
	rest, ok := strings.CutPrefix(path, "/v2/")
	if !ok || path == "/v2/" {
		return route{kind: "base"}, path == "/v2/" || path == "/v2"
	}
	if rest == "_catalog" {
		return route{kind: "catalog"}, true
	}
	cut := func(middle string) (name, reference string, ok bool) {
		i := strings.LastIndex(rest, middle)
		if i <= 0 || strings.Contains(rest[i+len(middle):], "/") {
			return "", "", false
		}
		return rest[:i], rest[i+len(middle):], true
	}
	if name, ok := strings.CutSuffix(rest, "/tags/list"); ok && name != "" {
		return route{"tags", name, ""}, true
	}
	if name, ok := strings.CutSuffix(rest, "/blobs/uploads"); ok && name != "" {
		return route{"upload", name, ""}, true
	}
	for _, form := range []struct{ middle, kind string }{
		{"/blobs/uploads/", "upload"}, {"/manifests/", "manifest"}, {"/blobs/", "blob"}, {"/referrers/", "referrers"},
	} {
		if name, reference, ok := cut(form.middle); ok && (reference != "" || form.kind == "upload") {
			return route{form.kind, name, reference}, true
		}
	}
	return route{}, false
}

// A visit is one request to the registry.
type visit struct {
	w http.ResponseWriter
	r *http.Request
	route
	who  iam.Caller
	repo *repository
}

// Registry answers container clients: the OCI distribution protocol under
// /v2/, with ECR's refusals.
func (s *Service) Registry() http.Handler { return http.HandlerFunc(s.serveRegistry) }

func (s *Service) serveRegistry(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	at, ok := parseRoute(r.URL.Path)
	if !ok {
		refuseVisit(w, &problem{status: http.StatusNotFound, Code: "UNSUPPORTED", Message: "The registry has nothing at this path"})
		return
	}
	v := &visit{w: w, r: r, route: at}
	if at.kind == "blob" && s.presigned(v) {
		s.serveBlob(v)
		return
	}
	var err error
	if v.who, err = s.authenticate(r); err == nil && v.who.Anonymous() && !s.openToAll(v) {
		err = errNotAuthorized
	}
	if err != nil {
		s.challenge(w, err)
		return
	}
	err = s.serveRoute(v)
	if err != nil {
		s.refuse(w, err)
	}
	s.tellVisit(v, err)
}

func (s *Service) serveRoute(v *visit) error {
	switch v.kind {
	case "base":
		return writeJSON(v.w, http.StatusOK, struct{}{})
	case "catalog":
		return s.serveCatalog(v)
	}
	registry, name := s.fromPath(v.name)
	var err error
	if v.repo, err = s.find(v.r.Context(), s.store.reader, registry, name); err != nil {
		return err
	}
	switch v.kind {
	case "manifest":
		return s.serveManifest(v)
	case "blob":
		return s.serveBlobTo(v)
	case "upload":
		return s.serveUpload(v)
	case "tags":
		return s.serveTags(v)
	}
	return s.serveReferrers(v)
}

var errNotAuthorized = errors.New("Not Authorized") //nolint:staticcheck // ECR's words, shown as they are

// authenticate reads who logged in. A request without a password is anonymous.
func (s *Service) authenticate(r *http.Request) (iam.Caller, error) {
	user, password, ok := r.BasicAuth()
	if !ok {
		if r.Header.Get("Authorization") != "" {
			return iam.Caller{}, errNotAuthorized
		}
		return iam.Caller{}, nil
	}
	if user != "AWS" {
		return iam.Caller{}, errNotAuthorized
	}
	return s.tokens.read(password)
}

// openToAll reports whether anybody may do what is asked: pull what is public.
func (s *Service) openToAll(v *visit) bool {
	registry, _ := s.fromPath(v.name)
	return registry == public && (v.r.Method == http.MethodGet || v.r.Method == http.MethodHead) && v.kind != "upload"
}

// challenge asks for a login as ECR does. A login that has expired is told
// apart, so that a person knows what to do.
func (s *Service) challenge(w http.ResponseWriter, err error) {
	if errors.Is(err, errTokenExpired) {
		refuseVisit(w, &problem{status: http.StatusForbidden, Code: "DENIED", Message: "Your authorization token has expired. Reauthenticate and try again."})
		return
	}
	w.Header().Set("Www-Authenticate", `Basic realm="http://`+s.o.Host+`/",service="ecr.amazonaws.com"`)
	http.Error(w, errNotAuthorized.Error(), http.StatusUnauthorized)
}

// permit refuses what the caller may not do in the repository.
func (s *Service) permit(v *visit, operation string) error {
	return s.permitIn(v, v.repo, operation)
}

func (s *Service) permitIn(v *visit, r *repository, operation string) error {
	if v.who.Anonymous() {
		return nil // only what is open to all gets here
	}
	return s.may(v.who, r.visibility.action(operation), s.arn(r.visibility, r.name), v.r.RemoteAddr, r.Policy)
}

// refuse answers with an error, in the registry's words.
func (s *Service) refuse(w http.ResponseWriter, err error) {
	var refused *Error
	var already *problem
	switch {
	case errors.As(err, &already):
	case errors.As(err, &refused):
		already = asProblem(refused)
	case errors.Is(err, errVanished):
		already = &problem{status: http.StatusNotFound, Code: "MANIFEST_UNKNOWN", Message: "Requested image not found"}
	case errors.Is(err, blobs.ErrUnknown):
		already = &problem{status: http.StatusNotFound, Code: "BLOB_UNKNOWN", Message: "Requested layer not found"}
	case errors.Is(err, blobs.ErrDigest):
		already = &problem{status: http.StatusBadRequest, Code: "DIGEST_INVALID", Message: "The digest does not match the content, or is not a SHA-256 digest"}
	case errors.Is(err, blobs.ErrUploadUnknown):
		already = &problem{status: http.StatusNotFound, Code: "BLOB_UPLOAD_UNKNOWN", Message: "The upload does not exist"}
	case errors.Is(err, blobs.ErrUploadBusy):
		already = &problem{status: http.StatusConflict, Code: "BLOB_UPLOAD_INVALID", Message: "Another request is writing to the upload"}
	default:
		already = asProblem(s.failed("answer", err))
	}
	refuseVisit(w, already)
}

func refuseVisit(w http.ResponseWriter, p *problem) {
	_ = writeJSON(w, p.status, map[string][]*problem{"errors": {p}})
}

func writeJSON(w http.ResponseWriter, status int, content any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone
	return nil
}

// unsupported is the answer to what ECR does through its API alone.
func unsupported(v *visit) error {
	return &problem{status: http.StatusMethodNotAllowed, Code: "UNSUPPORTED", Message: "The operation " + v.r.Method + " is unsupported"}
}
