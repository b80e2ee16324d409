package ecr

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// Record is a request that was answered: who asked for what, when, and how it
// ended. It is what CloudTrail has of ECR.
type Record struct {
	At time.Time
	// Action is the operation as policies name it: "ecr:PutImage".
	Action string
	// Principal is the caller's ARN, or "anonymous".
	Principal string
	// Repository is the name of the repository that it was about, and ARN its
	// ARN; empty when it was about none.
	Repository, ARN string
	// Image is the tag or digest that it was about, if the request names one.
	Image string
	// Address and UserAgent are the client's.
	Address, UserAgent string
	// Error is the code of the refusal; empty when it was done.
	Error string
}

// Trail takes records: of what changes something, of logins, pushes and pulls,
// and of whatever was refused for want of a right. That it can't be written is
// logged, and the client is answered all the same, as CloudTrail does it.
type Trail interface {
	Record(ctx context.Context, r Record) error
}

// told reports whether a call to the control plane is in the trail. Reads are
// not, nor are the parts of a layer: PutImage is the push that they are for.
func told(operation, code string) bool {
	if code == "AccessDeniedException" {
		return true
	}
	for _, read := range []string{"Describe", "List", "BatchGet", "BatchCheck", "InitiateLayer", "UploadLayer", "CompleteLayer"} {
		if strings.HasPrefix(operation, read) {
			return false
		}
	}
	return operation == "GetAuthorizationToken" || !strings.HasPrefix(operation, "Get")
}

// tell writes a call to the control plane to the trail.
func (s *Service) tell(r *http.Request, c *call, operation string, body []byte, err error) {
	code := codeOf(err)
	if s.o.Trail == nil || !told(operation, code) {
		return
	}
	var about struct {
		RepositoryName string                                   `json:"repositoryName"`
		ResourceArn    string                                   `json:"resourceArn"`
		ImageTag       string                                   `json:"imageTag"`
		ImageIDs       []struct{ ImageTag, ImageDigest string } `json:"imageIds"`
	}
	_ = json.Unmarshal(body, &about) // what can't be read is about nothing
	if about.RepositoryName == "" {
		about.RepositoryName, _ = s.repositoryOf(c.registry, about.ResourceArn)
	}
	var images []string
	for _, id := range about.ImageIDs {
		images = append(images, id.ImageTag+id.ImageDigest)
	}
	if about.ImageTag != "" {
		images = []string{about.ImageTag}
	}
	s.trail(r, c.registry, c.who.ARN, operation, about.RepositoryName, strings.Join(images, " "), code)
}

// tellVisit writes a push, a pull or a deletion by a container client.
func (s *Service) tellVisit(v *visit, err error) {
	operations := map[string]string{http.MethodGet: "BatchGetImage", http.MethodPut: "PutImage", http.MethodDelete: "BatchDeleteImage"}
	operation, ok := operations[v.r.Method]
	if s.o.Trail == nil || v.kind != "manifest" || !ok {
		return
	}
	registry, name := s.fromPath(v.name)
	s.trail(v.r, registry, v.who.ARN, operation, name, v.reference, codeOf(err))
}

func (s *Service) trail(r *http.Request, registry visibility, who, operation, repository, image, code string) {
	record := Record{
		At: s.now(), Action: registry.action(operation), Principal: who, Repository: repository, Image: image,
		Address: r.RemoteAddr, UserAgent: r.UserAgent(), Error: code,
	}
	if who == "" {
		record.Principal = "anonymous"
	}
	if repository != "" {
		record.ARN = s.arn(registry, repository)
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		record.Address = host
	}
	// The client may have gone by now; what it did is told all the same.
	if err := s.o.Trail.Record(context.WithoutCancel(r.Context()), record); err != nil {
		s.o.Logger.Error("ecr could not tell of a request", "action", record.Action, "repository", repository, "error", err)
	}
}

// codeOf returns what an error is called, in the words of the control plane or
// the registry.
func codeOf(err error) string {
	var refused *Error
	var known *problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		return refused.Code
	case errors.As(err, &known):
		return known.Code
	case errors.Is(err, errVanished):
		return "ImageNotFoundException"
	}
	return "ServerException"
}
