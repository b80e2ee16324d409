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
	// UploadNotAt is, for InvalidLayerPartException, the last byte that is there.
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

// inRegistry is how the registry says what the control plane says with a code.
type inRegistry struct {
	status int
	code   string
}

// problems are the refusals that both sides share.
func problems() map[string]inRegistry {
	return map[string]inRegistry{
		"RepositoryNotFoundException":        {http.StatusNotFound, "NAME_UNKNOWN"},
		"ImageNotFoundException":             {http.StatusNotFound, "MANIFEST_UNKNOWN"},
		"ImageArchivedException":             {http.StatusBadRequest, "MANIFEST_UNKNOWN"},
		"ImageTagAlreadyExistsException":     {http.StatusBadRequest, "TAG_INVALID"},
		"LayersNotFoundException":            {http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN"},
		"ReferencedImagesNotFoundException":  {http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN"},
		"ImageDigestDoesNotMatchException":   {http.StatusBadRequest, "DIGEST_INVALID"},
		"UploadNotFoundException":            {http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN"},
		"InvalidLayerException":              {http.StatusBadRequest, "DIGEST_INVALID"},
		"InvalidParameterException":          {http.StatusBadRequest, "MANIFEST_INVALID"},
		"LimitExceededException":             {http.StatusForbidden, "DENIED"},
		"AccessDeniedException":              {http.StatusForbidden, "DENIED"},
		"UnableToGetUpstreamLayerException":  {http.StatusNotFound, "BLOB_UNKNOWN"},
		"LayerInaccessibleException":         {http.StatusNotFound, "BLOB_UNKNOWN"},
		"UnsupportedImageTypeException":      {http.StatusBadRequest, "MANIFEST_INVALID"},
		"LayerPartTooSmallException":         {http.StatusBadRequest, "SIZE_INVALID"},
		"InvalidLayerPartException":          {http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID"},
		"RepositoryAlreadyExistsException":   {http.StatusBadRequest, "NAME_INVALID"},
		"InvalidRepositoryNameForRegistryV2": {http.StatusBadRequest, "NAME_INVALID"},
	}
}

// asProblem puts a refusal of the control plane in the registry's words.
func asProblem(e *Error) *problem {
	known, ok := problems()[e.Code]
	if !ok {
		return &problem{status: http.StatusInternalServerError, Code: "UNKNOWN", Message: e.Message}
	}
	return &problem{status: known.status, Code: known.code, Message: e.Message}
}

// list is digests as ECR's messages list them.
func list(digests []string) string { return "[" + strings.Join(digests, ", ") + "]" }
