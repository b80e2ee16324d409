package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// uploadLife is how long an upload's URL is valid.
const uploadLife = 15 * time.Minute

// archiveTypes are the archives that a release takes, and their media types.
func archiveTypes() map[string]string {
	return map[string]string{"tar.gz": "application/gzip", "zip": "application/zip"}
}

func (a server) CreateUpload(ctx context.Context, request rest.CreateUploadRequestObject) (rest.CreateUploadResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	if s.Phase == sandbox.PhaseDeleting {
		return nil, &sandbox.DeletingError{Name: s.Name}
	}
	if err := s.CheckSite(); err != nil {
		return nil, err
	}
	body := request.Body
	digest, err := a.checkUpload(body)
	if err != nil {
		return nil, err
	}
	now := a.now()
	id, err := sandbox.NewReleaseID(now, a.Random)
	if err != nil {
		return nil, err
	}
	put := &s3.PutObjectInput{
		Bucket: &a.UploadBucket, Key: aws.String(release.UploadKey(s.ID, id)),
		ContentLength: &body.Size, ContentType: aws.String(archiveTypes()[body.Format]),
	}
	if digest != nil {
		put.ChecksumAlgorithm = s3types.ChecksumAlgorithmSha256
		put.ChecksumSHA256 = aws.String(base64.StdEncoding.EncodeToString(digest))
	}
	signed, err := a.Presigner.PresignPutObject(ctx, put, func(o *s3.PresignOptions) {
		o.Expires = uploadLife
		o.ClientOptions = append(o.ClientOptions, func(o *s3.Options) {
			// Else the checksum of an empty body would be signed.
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		})
	})
	if err != nil {
		return nil, fmt.Errorf("sign the upload %s: %w", id, err)
	}
	if err := a.auditUpload(ctx, &s, id, body); err != nil {
		return nil, err
	}
	return rest.CreateUpload201JSONResponse{
		ID: id, URL: signed.URL, Method: signed.Method, Headers: sendable(signed.SignedHeader, body.Size), ExpiresAt: now.Add(uploadLife),
	}, nil
}

// auditUpload writes down that somebody got leave to upload, for that changes no
// record.
func (a *API) auditUpload(ctx context.Context, s *sandbox.Sandbox, id string, body *events.CreateUpload) error {
	now := a.now()
	entry, err := sandbox.NewAuditID(now, a.Random)
	if err != nil {
		return err
	}
	after := map[string]string{"upload": id, "format": body.Format, "size": strconv.FormatInt(body.Size, 10)}
	if body.Sha256 != "" {
		after["sha256"] = body.Sha256
	}
	who, _ := sandbox.ActorOf(ctx)
	return a.Store.AddAudit(ctx, sandbox.Audit{
		ID: entry, At: now, Action: sandbox.ActionUpload, Sandbox: s.Name, SandboxID: s.ID, Owner: s.Owner, Actor: who, After: after,
	})
}

func (a *API) checkUpload(body *events.CreateUpload) (digest []byte, err error) {
	var broken []events.BrokenRule
	if body.Size < 1 || body.Size > a.MaxUpload {
		broken = append(broken, events.BrokenRule{Field: "size", Rule: fmt.Sprintf("1 to %d bytes", a.MaxUpload)})
	}
	if archiveTypes()[body.Format] == "" {
		broken = append(broken, events.BrokenRule{Field: "format", Rule: "one of tar.gz, zip"})
	}
	if body.Sha256 != "" {
		if digest, err = hex.DecodeString(body.Sha256); err != nil || len(digest) != 32 {
			broken = append(broken, events.BrokenRule{Field: "sha256", Rule: "64 hexadecimal digits"})
		}
	}
	if len(broken) > 0 {
		return nil, invalid(broken...)
	}
	return digest, nil
}

// sendable returns the signed headers that the client has to send; the host is
// in the URL.
func sendable(signed http.Header, size int64) map[string]string {
	headers := map[string]string{"Content-Length": strconv.FormatInt(size, 10)}
	for name, values := range signed {
		if !strings.EqualFold(name, "host") {
			headers[http.CanonicalHeaderKey(name)] = strings.Join(values, ",")
		}
	}
	return headers
}
