package ecr

import (
	"bytes"
	"errors"

	"github.com/mayfly-dev/mayfly/local/ecr/blobs"
)

// partSize is how large the parts of an upload by the API are: 20 MiB.
const partSize = 20 << 20

type getDownloadURLForLayerInput struct {
	target
	LayerDigest string `json:"layerDigest"`
}

type getDownloadURLForLayerOutput struct {
	DownloadURL string `json:"downloadUrl"`
	LayerDigest string `json:"layerDigest"`
}

func (s *Service) getDownloadURLForLayer(c *call, in getDownloadURLForLayerInput) (getDownloadURLForLayerOutput, error) {
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return getDownloadURLForLayerOutput{}, err
	}
	_, err = s.blobs.Stat(c, r.key(), in.LayerDigest)
	switch {
	case errors.Is(err, blobs.ErrDigest):
		return getDownloadURLForLayerOutput{}, invalid("layerDigest", "must satisfy regular expression 'sha256:[0-9a-f]{64}'")
	case errors.Is(err, blobs.ErrUnknown):
		return getDownloadURLForLayerOutput{}, refuse("LayersNotFoundException", "The layer with digest '%s' does not exist in the repository with name '%s' in the registry with id '%s'", in.LayerDigest, r.name, s.o.Account)
	case err != nil:
		return getDownloadURLForLayerOutput{}, err
	}
	return getDownloadURLForLayerOutput{s.downloadURL(r, in.LayerDigest), in.LayerDigest}, nil
}

type batchCheckLayerAvailabilityInput struct {
	target
	LayerDigests []string `json:"layerDigests"`
}

type layer struct {
	LayerDigest  string `json:"layerDigest"`
	Availability string `json:"layerAvailability"`
	Size         int64  `json:"layerSize,omitempty"`
}

type layerFailure struct {
	LayerDigest string `json:"layerDigest"`
	Code        string `json:"failureCode"`
	Reason      string `json:"failureReason"`
}

type batchCheckLayerAvailabilityOutput struct {
	Layers   []layer        `json:"layers"`
	Failures []layerFailure `json:"failures"`
}

// batchCheckLayerAvailability is asked before a push: a layer that is there
// stays for it.
func (s *Service) batchCheckLayerAvailability(c *call, in batchCheckLayerAvailabilityInput) (batchCheckLayerAvailabilityOutput, error) {
	out := batchCheckLayerAvailabilityOutput{Layers: []layer{}, Failures: []layerFailure{}}
	if len(in.LayerDigests) == 0 || len(in.LayerDigests) > maxIDs {
		return out, invalid("layerDigests", "must have length between 1 and 100")
	}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return out, err
	}
	for _, digest := range in.LayerDigests {
		size, err := s.blobs.Reserve(c, r.key(), digest)
		switch {
		case digest == "":
			out.Failures = append(out.Failures, layerFailure{digest, "MissingLayerDigest", "Invalid request parameters: layer digest cannot be null"})
		case errors.Is(err, blobs.ErrDigest):
			out.Failures = append(out.Failures, layerFailure{digest, "InvalidLayerDigest", "Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"})
		case errors.Is(err, blobs.ErrUnknown):
			out.Layers = append(out.Layers, layer{LayerDigest: digest, Availability: "UNAVAILABLE"})
		case err != nil:
			return out, err
		default:
			out.Layers = append(out.Layers, layer{digest, "AVAILABLE", size})
		}
	}
	return out, nil
}

type initiateLayerUploadInput struct{ target }

type initiateLayerUploadOutput struct {
	UploadID string `json:"uploadId"`
	PartSize int64  `json:"partSize"`
}

func (s *Service) initiateLayerUpload(c *call, in initiateLayerUploadInput) (initiateLayerUploadOutput, error) {
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return initiateLayerUploadOutput{}, err
	}
	id, err := s.blobs.Begin(c, r.key())
	return initiateLayerUploadOutput{id, partSize}, err
}

type uploadLayerPartInput struct {
	target
	UploadID  string `json:"uploadId"`
	FirstByte *int64 `json:"partFirstByte"`
	LastByte  *int64 `json:"partLastByte"`
	Blob      []byte `json:"layerPartBlob"`
}

type uploadLayerPartOutput struct {
	RegistryID       string `json:"registryId"`
	RepositoryName   string `json:"repositoryName"`
	UploadID         string `json:"uploadId"`
	LastByteReceived int64  `json:"lastByteReceived"`
}

func (s *Service) uploadLayerPart(c *call, in uploadLayerPartInput) (uploadLayerPartOutput, error) {
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return uploadLayerPartOutput{}, err
	}
	if in.FirstByte == nil || in.LastByte == nil || *in.FirstByte < 0 || *in.LastByte-*in.FirstByte+1 != int64(len(in.Blob)) || len(in.Blob) == 0 {
		return uploadLayerPartOutput{}, invalid("partLastByte", "must be partFirstByte and the length of layerPartBlob, which is not empty, less 1")
	}
	size, err := s.blobs.Append(c, r.key(), in.UploadID, *in.FirstByte, bytes.NewReader(in.Blob))
	var elsewhere *blobs.OffsetError
	if errors.As(err, &elsewhere) {
		refused := refuse("InvalidLayerPartException", "The layer part is not valid: it begins at byte %d, the last byte received is %d", *in.FirstByte, elsewhere.Size-1)
		refused.lastByte = &lastByte{s.o.Account, r.name, in.UploadID, elsewhere.Size - 1}
		return uploadLayerPartOutput{}, refused
	}
	return uploadLayerPartOutput{s.o.Account, r.name, in.UploadID, size - 1}, s.uploadError(r, in.UploadID, err)
}

// uploadError is what went wrong with an upload, in the API's words.
func (s *Service) uploadError(r *repository, id string, err error) error {
	switch {
	case errors.Is(err, blobs.ErrUploadUnknown):
		return refuse("UploadNotFoundException", "The upload with id '%s' does not exist in the repository with name '%s' in the registry with id '%s'", id, r.name, s.o.Account)
	case errors.Is(err, blobs.ErrUploadBusy):
		return invalid("uploadId", "another request is writing to the upload")
	}
	return err
}

type completeLayerUploadInput struct {
	target
	UploadID     string   `json:"uploadId"`
	LayerDigests []string `json:"layerDigests"`
}

type completeLayerUploadOutput struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
	UploadID       string `json:"uploadId"`
	LayerDigest    string `json:"layerDigest"`
}

func (s *Service) completeLayerUpload(c *call, in completeLayerUploadInput) (completeLayerUploadOutput, error) {
	none := completeLayerUploadOutput{}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return none, err
	}
	if len(in.LayerDigests) == 0 || len(in.LayerDigests) > maxIDs || !digestRule.MatchString(in.LayerDigests[0]) {
		return none, invalid("layerDigests", "must have between 1 and 100 digests that satisfy regular expression 'sha256:[0-9a-f]{64}'")
	}
	digest := in.LayerDigests[0]
	size, err := s.blobs.UploadSize(c, r.key(), in.UploadID)
	if err != nil {
		return none, s.uploadError(r, in.UploadID, err)
	}
	if size == 0 {
		return none, refuse("EmptyUploadException", "The specified layer upload does not contain any layer parts.")
	}
	if _, err := s.blobs.Stat(c, r.key(), digest); err == nil {
		return none, errors.Join(refuse("LayerAlreadyExistsException", "The image layer with digest '%s' already exists in the repository with name '%s' in the registry with id '%s'", digest, r.name, s.o.Account),
			s.blobs.Cancel(c, r.key(), in.UploadID))
	}
	_, err = s.blobs.Commit(c, r.key(), in.UploadID, digest)
	if errors.Is(err, blobs.ErrDigest) {
		return none, refuse("InvalidLayerException", "The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not match the digest specified.")
	}
	return completeLayerUploadOutput{s.o.Account, r.name, in.UploadID, digest}, s.uploadError(r, in.UploadID, err)
}
