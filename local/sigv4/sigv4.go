// Package sigv4 checks AWS's signatures, version 4, as API Gateway does: a
// request that is signed for it by an AWS SDK passes, and one that was changed
// on the way, is too old or is signed for another service does not.
//
// It signs the request again with the SDK's own signer and compares, so that
// there is no second reading of how a request is made canonical.
package sigv4

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	dateForm  = "20060102T150405Z"
	// maxSkew is how far a request's time may be from now, as on AWS.
	maxSkew = 5 * time.Minute
)

// The ways in which a request is refused, in AWS's words.
var (
	ErrMissing   = errors.New("Missing Authentication Token")                                                  //nolint:staticcheck // AWS's words, shown as they are
	ErrMalformed = errors.New("Authorization header is malformed")                                             //nolint:staticcheck // AWS's words, shown as they are
	ErrUnknown   = errors.New("The security token included in the request is invalid")                         //nolint:staticcheck // AWS's words, shown as they are
	ErrExpired   = errors.New("Signature expired or not yet current")                                          //nolint:staticcheck // AWS's words, shown as they are
	ErrMismatch  = errors.New("The request signature we calculated does not match the signature you provided") //nolint:staticcheck // AWS's words, shown as they are
	ErrTooLarge  = errors.New("the body is too large to be signed")
)

// Verifier checks requests to one service.
type Verifier struct {
	// Service is what a signature must be scoped to, such as "execute-api".
	Service string
	// Secret returns the secret of an access key, and whether there is such a
	// key.
	Secret func(accessKey string) (secret string, ok bool)
	Now    func() time.Time
	// MaxBody is the longest body that is read, in bytes.
	MaxBody int64
}

// Verify returns the access key that signed r, or one of this package's errors.
// The body is read, and put back.
func (v Verifier) Verify(r *http.Request) (accessKey string, err error) {
	given, err := parse(r.Header.Get("Authorization"))
	if err != nil {
		return "", err
	}
	at, err := time.Parse(dateForm, r.Header.Get("X-Amz-Date"))
	if err != nil || given.date != at.Format("20060102") || given.service != v.Service || !given.signs("host") || !given.signs("x-amz-date") {
		return "", ErrMalformed
	}
	if skew := v.Now().Sub(at); skew > maxSkew || skew < -maxSkew {
		return "", fmt.Errorf("%w: it is of %s, and now is %s", ErrExpired, at.Format(time.RFC3339), v.Now().UTC().Format(time.RFC3339))
	}
	secret, ok := v.Secret(given.accessKey)
	if !ok || r.Header.Get("X-Amz-Security-Token") != "" {
		return "", ErrUnknown
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, v.MaxBody+1))
	if err != nil {
		return "", fmt.Errorf("read the signed body: %w", err)
	}
	if int64(len(body)) > v.MaxBody {
		return "", ErrTooLarge
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	want, err := v.sign(r, given, body, secret, at)
	if err != nil {
		return "", err
	}
	if !hmac.Equal([]byte(want), []byte(given.signature)) {
		return "", ErrMismatch
	}
	return given.accessKey, nil
}

// sign returns the signature that r should have.
func (v Verifier) sign(r *http.Request, given credential, body []byte, secret string, at time.Time) (string, error) {
	// The path as it came: what is on the way may have made another of it.
	target, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return "", ErrMalformed
	}
	again := &http.Request{Method: r.Method, URL: target, Host: r.Host, Header: http.Header{}}
	again.URL.Host, again.URL.Scheme = r.Host, "http"
	for _, name := range given.signed {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = int64(len(body))
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	sum := sha256.Sum256(body)
	// The clock's time is not part of it: only when it was signed.
	err = v4.NewSigner().SignHTTP(context.WithoutCancel(r.Context()), aws.Credentials{AccessKeyID: given.accessKey, SecretAccessKey: secret},
		again, hex.EncodeToString(sum[:]), given.service, given.region, at)
	if err != nil {
		return "", fmt.Errorf("sign the request again: %w", err)
	}
	made, err := parse(again.Header.Get("Authorization"))
	if err != nil {
		return "", err
	}
	if strings.Join(made.signed, ";") != strings.Join(given.signed, ";") {
		return "", ErrMalformed // it names headers that it does not have
	}
	return made.signature, nil
}

// credential is an Authorization header, taken apart.
type credential struct {
	accessKey, date, region, service string
	signed                           []string
	signature                        string
}

func (c credential) signs(header string) bool {
	for _, name := range c.signed {
		if name == header {
			return true
		}
	}
	return false
}

func parse(header string) (credential, error) {
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return credential{}, ErrMissing
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || fields["SignedHeaders"] == "" || len(fields["Signature"]) != sha256.Size*2 {
		return credential{}, ErrMalformed
	}
	return credential{
		accessKey: scope[0], date: scope[1], region: scope[2], service: scope[3],
		signed: strings.Split(fields["SignedHeaders"], ";"), signature: fields["Signature"],
	}, nil
}
