package ecr

import (
	"fmt"
	"net/http"
	"strings"
)

// Error is a refusal, by the name that ECR's API gives it.
type Error struct {
	Code    string // "RepositoryNotFoundException"
	Message string
	// lastByte is what InvalidLayerPartException has beside them.
	lastByte *lastByte
}

// lastByte is what InvalidLayerPartException tells beside its message.
type lastByte struct {
	RegistryID            string `json:"registryId"`
	RepositoryName        string `json:"repositoryName"`
	UploadID              string `json:"uploadId"`
	LastValidByteReceived int64  `json:"lastValidByteReceived"`
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// invalid refuses a parameter, in ECR's words.
func invalid(parameter, constraint string) *Error {
	return refuse("InvalidParameterException", "Invalid parameter at '%s' failed to satisfy constraint: '%s'", parameter, constraint)
}

func (s *Service) noRepository(name string) *Error {
	return refuse("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, s.o.Account)
}

func (s *Service) noImage(repository string, id imageID) *Error {
	return refuse("ImageNotFoundException", "The image with imageId %s does not exist within the repository with name '%s' in the registry with id '%s'", id, repository, s.o.Account)
}

// status is the HTTP status of a refusal by the control plane.
func (e *Error) status() int {
	if e.Code == "ServerException" {
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// A problem is a refusal as the registry's protocol has it.
type problem struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
	Detail  any    `json:"detail,omitempty"`
}

func (p *problem) Error() string { return p.Code + ": " + p.Message }

// asProblem puts a refusal of the control plane in the registry's words.
func asProblem(e *Error) *problem {
	p := &problem{status: http.StatusBadRequest, Message: e.Message}
	switch e.Code {
	case "RepositoryNotFoundException":
		p.status, p.Code = http.StatusNotFound, "NAME_UNKNOWN"
	case "ImageNotFoundException", "ImageArchivedException":
		p.status, p.Code = http.StatusNotFound, "MANIFEST_UNKNOWN"
	case "LayersNotFoundException", "ReferencedImagesNotFoundException":
		p.status, p.Code = http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN"
	case "ImageTagAlreadyExistsException":
		p.Code = "TAG_INVALID"
	case "ImageDigestDoesNotMatchException":
		p.Code = "DIGEST_INVALID"
	case "InvalidParameterException":
		// So does ECR answer to a manifest that it does not take; some clients
		// then try another form.
		p.status, p.Code = http.StatusMethodNotAllowed, "UNSUPPORTED"
	case "LimitExceededException", "AccessDeniedException":
		p.status, p.Code = http.StatusForbidden, "DENIED"
	default:
		p.status, p.Code = http.StatusInternalServerError, "UNKNOWN"
	}
	return p
}

// list is digests as ECR's messages list them.
func list(digests []string) string { return "[" + strings.Join(digests, ", ") + "]" }
