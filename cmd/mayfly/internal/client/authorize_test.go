package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
)

// server answers requests, and remembers how they were authorized.
type server struct {
	asks bool // for a signature
	seen []string
	body string
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.seen = append(s.seen, r.Header.Get("Authorization"))
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.body = string(text)
	}
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}
	if s.asks && !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		answer.StatusCode = http.StatusUnauthorized
		answer.Header["Www-Authenticate"] = []string{`Bearer realm="mayfly"`, "AWS4-HMAC-SHA256"}
	}
	return answer, nil
}

func TestRequestsAreAuthorizedAsTheAPIWants(t *testing.T) {
	keys := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDADA", "secret", "")}
	const gateway, local = "https://abc123.execute-api.eu-central-1.amazonaws.com", "http://127.0.0.1:8700"
	for name, test := range map[string]struct {
		address, token string
		asks           bool
		signer         client.Signer
		err            error
		want           []string // how each authorization begins; "" is none
	}{
		"nothing is asked":         {address: local, want: []string{""}},
		"API Gateway's address":    {address: gateway, want: []string{"AWS4-HMAC-SHA256 Credential=AKIDADA/20261127/eu-central-1/execute-api/"}},
		"a region that is given":   {address: gateway, signer: client.Signer{Region: "us-west-2"}, want: []string{"AWS4-HMAC-SHA256 Credential=AKIDADA/20261127/us-west-2/execute-api/"}},
		"an address like it":       {address: "https://abc.execute-api.eu-central-1.amazonaws.com.evil.example", want: []string{""}},
		"another address, by flag": {address: "https://mayfly.example.org", signer: client.Signer{Always: true}, want: []string{"AWS4-HMAC-SHA256 Credential=AKIDADA/20261127/eu-west-1/execute-api/"}},
		"it is asked":              {address: local, asks: true, want: []string{"", "AWS4-HMAC-SHA256 Credential=AKIDADA/20261127/eu-west-1/"}},
		"a token":                  {address: gateway, token: "t", want: []string{"Bearer t"}},
		"a token, and it is asked": {address: local, token: "t", asks: true, want: []string{"Bearer t"}},
		"it is asked in vain":      {address: local, asks: true, err: errors.New("no profile"), want: []string{""}},
		"no credentials":           {address: gateway, err: errors.New("no profile")},
	} {
		s := &server{asks: test.asks}
		test.signer.Now = func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }
		test.signer.Config = func(context.Context) (aws.Config, error) { return keys, test.err }
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, test.address+"/v1/sandboxes", strings.NewReader(`{"name":"hello"}`))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Doer{Client: &http.Client{Transport: s}, Token: test.token, Signer: &test.signer}.Do(request)
		var missing *client.CredentialsError
		if (err != nil) != (test.want == nil) || err != nil && !errors.As(err, &missing) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(s.seen) != len(test.want) {
			t.Errorf("%s: authorized by %q, want %q", name, s.seen, test.want)
			continue
		}
		for i, want := range test.want {
			if !strings.HasPrefix(s.seen[i], want) || want == "" && s.seen[i] != "" {
				t.Errorf("%s: authorized by %q, want %q", name, s.seen[i], want)
			}
		}
		if err == nil {
			if s.body != `{"name":"hello"}` {
				t.Errorf("%s: the body arrived as %q", name, s.body)
			}
			_ = answer.Body.Close()
		}
	}
}
