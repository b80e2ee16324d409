package apiservertest

import (
	"context"
	"encoding/base64"
	"encoding/xml"
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

// Verifier knows a caller by its token as EKS's authenticator does: it sends
// the question that the caller signed to STS, and maps who that is to a user.
type Verifier struct {
	// Cluster is the cluster that tokens must be for, and STS the only address
	// that is asked, such as http://127.0.0.1:4566.
	Cluster string
	STS     string
	// Users are the users by the callers' ARNs.
	Users map[string]string
	// Keys, when there are any, are those that must have signed: an STS that
	// does not check signatures leaves that to the test.
	Keys *aws.Credentials
	HTTP *http.Client
}

// parameters are those that the authenticator lets through.
var parameters = map[string]bool{
	"Action": true, "Version": true, "X-Amz-Algorithm": true, "X-Amz-Credential": true, "X-Amz-Date": true, "X-Amz-Expires": true,
	"X-Amz-Security-Token": true, "X-Amz-Signature": true, "X-Amz-SignedHeaders": true,
}

// most is how long a token may be.
const most = 4096

// User returns who has a token.
func (v *Verifier) User(ctx context.Context, token string) (string, error) {
	encoded, ok := strings.CutPrefix(token, "k8s-aws-v1.")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || len(token) > most {
		return "", errors.New("this is no token of EKS")
	}
	question, err := url.Parse(string(text))
	if err != nil {
		return "", fmt.Errorf("the token holds no URL: %w", err)
	}
	query := question.Query()
	if question.Scheme+"://"+question.Host != v.STS || question.Path != "/" || query.Get("Action") != "GetCallerIdentity" {
		return "", fmt.Errorf("the token asks %s for %s", question.Host, query.Get("Action"))
	}
	for name := range query {
		if !parameters[name] {
			return "", fmt.Errorf("the token has the parameter %s", name)
		}
	}
	if !strings.Contains(";"+query.Get("X-Amz-SignedHeaders")+";", ";x-k8s-aws-id;") {
		return "", errors.New("the token does not sign a cluster's name")
	}
	if err := v.signed(ctx, question); err != nil {
		return "", err
	}
	who, err := v.ask(ctx, question)
	if err != nil {
		return "", err
	}
	user, ok := v.Users[who]
	if !ok {
		return "", fmt.Errorf("%s has no access entry", who)
	}
	return user, nil
}

// signed signs the question again, for this cluster, and compares.
func (v *Verifier) signed(ctx context.Context, question *url.URL) error {
	if v.Keys == nil {
		return nil
	}
	query := question.Query()
	at, err := time.Parse("20060102T150405Z", query.Get("X-Amz-Date"))
	if err != nil {
		return fmt.Errorf("when the token was signed: %w", err)
	}
	scope := strings.Split(query.Get("X-Amz-Credential"), "/")
	if len(scope) != 5 {
		return errors.New("the token has no scope")
	}
	r, err := v.request(ctx, &url.URL{Scheme: question.Scheme, Host: question.Host, Path: "/", RawQuery: url.Values{
		"Action": query["Action"], "Version": query["Version"], "X-Amz-Expires": query["X-Amz-Expires"],
	}.Encode()})
	if err != nil {
		return err
	}
	const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	again, _, err := v4.NewSigner().PresignHTTP(ctx, *v.Keys, r, ofNothing, "sts", scope[2], at)
	if err != nil {
		return fmt.Errorf("sign the question again: %w", err)
	}
	expected, err := url.Parse(again)
	if err != nil {
		return err
	}
	if expected.Query().Get("X-Amz-Signature") != query.Get("X-Amz-Signature") {
		return errors.New("the signature is not of this caller and this cluster")
	}
	return nil
}

// ask sends the question, with the cluster's own name.
func (v *Verifier) ask(ctx context.Context, question *url.URL) (string, error) {
	r, err := v.request(ctx, question)
	if err != nil {
		return "", err
	}
	response, err := v.HTTP.Do(r)
	if err != nil {
		return "", fmt.Errorf("ask STS: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("STS answers %d: %s", response.StatusCode, body)
	}
	var answer struct {
		Arn string `xml:"GetCallerIdentityResult>Arn"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		return "", fmt.Errorf("read the answer of STS: %w", err)
	}
	return answer.Arn, nil
}

func (v *Verifier) request(ctx context.Context, question *url.URL) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, question.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("x-k8s-aws-id", v.Cluster)
	return r, nil
}
