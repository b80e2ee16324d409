package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// signedService is what requests to API Gateway are signed for.
const signedService = "execute-api"

// Signer signs requests with AWS credentials, as API Gateway's IAM
// authorization wants them.
type Signer struct {
	// Config returns the credentials and the region, once they are needed.
	Config func(context.Context) (aws.Config, error)
	Now    func() time.Time
	// Region overrides the one in the API's address, and of Config.
	Region string
	// Always signs; otherwise API Gateway's own addresses are signed for, and
	// whatever asks for it.
	Always bool
}

// CredentialsError says that a request has to be signed, and can't be.
type CredentialsError struct{ Err error }

func (e *CredentialsError) Error() string {
	return fmt.Sprintf("the API wants requests signed with AWS credentials, and there are none: %v", e.Err)
}
func (e *CredentialsError) Unwrap() error { return e.Err }

// gatewayHost is a host of API Gateway's own, which has the region in it.
var gatewayHost = regexp.MustCompile(`^[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$`)

// wanted reports whether a request is to be signed at once.
func (s *Signer) wanted(r *http.Request) bool {
	return s != nil && (s.Always || gatewayHost.MatchString(r.URL.Hostname()))
}

// asked reports whether an answer asks for a signature.
func (s *Signer) asked(answer *http.Response) bool {
	return s != nil && answer.StatusCode == http.StatusUnauthorized &&
		slices.ContainsFunc(answer.Header.Values("Www-Authenticate"), func(challenge string) bool { return strings.HasPrefix(challenge, "AWS4-HMAC-SHA256") })
}

// sign signs r for now. It returns a *CredentialsError when it has nothing to
// sign with.
func (s *Signer) sign(r *http.Request) error {
	ctx := r.Context()
	cfg, err := s.Config(ctx)
	if err != nil {
		return &CredentialsError{err}
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return &CredentialsError{err}
	}
	body, err := bodyOf(r)
	if err != nil {
		return fmt.Errorf("sign the request: %w", err)
	}
	sum := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(ctx, keys, r, hex.EncodeToString(sum[:]), signedService, s.region(r, cfg), s.Now().UTC())
}

func (s *Signer) region(r *http.Request, cfg aws.Config) string {
	if s.Region != "" {
		return s.Region
	}
	if m := gatewayHost.FindStringSubmatch(r.URL.Hostname()); m != nil {
		return m[1]
	}
	if cfg.Region != "" {
		return cfg.Region
	}
	return "us-east-1"
}

// bodyOf returns a request's body, and leaves it to be sent.
func bodyOf(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	again, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	defer again.Close() //nolint:errcheck // it is in memory
	return io.ReadAll(again)
}
