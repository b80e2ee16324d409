package guard_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
	"github.com/mayfly-dev/mayfly/local/gateway"
	"github.com/mayfly-dev/mayfly/local/guard"
	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/scheduler"
	"github.com/mayfly-dev/mayfly/local/sts"
)

const account, region = "000000000000", "us-east-1"

// fixture is a port with guarded services that answer nothing of use: what
// matters is whether a request reaches them.
type fixture struct {
	t       *testing.T
	url     string
	who     iam.Caller
	failed  error
	asked   []iam.Asked
	reached []string // what the services were asked for, with the length of the body
}

func start(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t}
	guarded := guard.New(guard.Options{Principals: f, Account: account, Region: region, Now: func() time.Time { return time.Unix(1e9, 0) }})
	all := map[string]gateway.Service{
		"cloudfront": {Operation: cloudfront.Operation}, "lambda": {Operation: lambda.Operation}, "scheduler": {Operation: scheduler.Operation()}, "sts": {Operation: sts.Operation},
		"dynamodb": {}, "states": {}, "events": {}, "sqs": {}, "ecr": {}, "ecr-public": {}, "s3": {},
	}
	for name, service := range all {
		service.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			f.reached = append(f.reached, name)
			if len(body) == 0 && r.ContentLength > 0 && name != "sts" {
				t.Errorf("%s: the body was not left to be read", name)
			}
			if name == "dynamodb" || r.Header.Get("X-Amz-Target") != "" {
				_, _ = w.Write([]byte("{}"))
			}
		})
		all[name] = guarded.Service(name, service)
	}
	server := httptest.NewServer(gateway.New(gateway.Options{Services: all}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// Caller makes the fixture say who asks.
func (f *fixture) Caller(*http.Request) (iam.Caller, error) { return f.who, f.failed }

// may makes the caller a function whose role has the statements.
func (f *fixture) may(statements string) {
	f.t.Helper()
	who, err := iam.RoleCaller("arn:aws:sts::"+account+":assumed-role/mayfly-one/mayfly-one", []string{`{"Version":"2012-10-17","Statement":[` + statements + `]}`}, nil,
		func(a iam.Asked) { f.asked = append(f.asked, a) })
	if err != nil {
		f.t.Fatal(err)
	}
	f.who = who
}

func (f *fixture) config() aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: &f.url, HTTPClient: &http.Client{Transport: &http.Transport{}}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
	}
}

// needs are what was asked for, as "ACTION RESOURCE".
func (f *fixture) needs() []string {
	var lines []string
	for _, a := range f.asked {
		lines = append(lines, a.Action+" "+strings.ReplaceAll(a.Resource, account, "ACCOUNT"))
	}
	f.asked = nil
	return lines
}

const everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`

func TestEachOperationNeedsItsActions(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	f := start(t)
	f.may(everything)
	for _, row := range calls(f.config()) {
		f.reached = nil
		// The answers are of no use, and some clients say so.
		_ = row.do(t.Context())
		if got := f.needs(); !slices.Equal(got, row.needs) {
			t.Errorf("%s needs %q, want %q", row.name, got, row.needs)
		}
		if len(f.reached) != 1 {
			t.Errorf("%s reached %v", row.name, f.reached)
		}
	}
}

func TestWhoMayNotIsRefusedAsAWSDoes(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	f := start(t)
	f.may(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`)
	for _, row := range calls(f.config()) {
		if len(row.needs) == 0 {
			continue
		}
		f.reached = nil
		err := row.do(t.Context())
		var refused smithy.APIError
		if !errors.As(err, &refused) || !strings.HasPrefix(refused.ErrorCode(), "AccessDenied") {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		action, _, _ := strings.Cut(row.needs[0], " ")
		for _, want := range []string{"assumed-role/mayfly-one/mayfly-one", action, "no identity-based policy allows"} {
			if !strings.Contains(refused.ErrorMessage(), want) {
				t.Errorf("%s is refused with %q, which does not say %q", row.name, refused.ErrorMessage(), want)
			}
		}
		if len(f.reached) != 0 {
			t.Errorf("%s reached %v", row.name, f.reached)
		}
	}
}

func TestAnOperationWithoutARowIsRefusedAndSaysSo(t *testing.T) {
	f := start(t)
	f.may(everything)
	ask := func() (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ExportTableToPointInTime")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if status, body := ask(); status != http.StatusBadRequest || !strings.Contains(body, "dynamodb:ExportTableToPointInTime") || !strings.Contains(body, "local/guard") {
		t.Errorf("%d %s", status, body)
	}
	f.who = iam.Caller{ARN: "arn:aws:sts::" + account + ":assumed-role/admin/x", Policies: []string{iam.Administrator}}
	if status, body := ask(); status != http.StatusOK {
		t.Errorf("an administrator's session: %d %s", status, body)
	}
	f.who.Policies = []string{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}]}`}
	if status, body := ask(); status != http.StatusBadRequest || !strings.Contains(body, "dynamodb:ExportTableToPointInTime") {
		t.Errorf("a reader's session: %d %s", status, body)
	}
	f.who = iam.RootCaller(account)
	if status, body := ask(); status != http.StatusOK {
		t.Errorf("the root: %d %s", status, body)
	}
	f.who, f.failed = iam.Caller{}, errors.New("the token is expired")
	if status, body := ask(); status != http.StatusForbidden || !strings.Contains(body, "ExpiredTokenException") {
		t.Errorf("a session that is over: %d %s", status, body)
	}
}

func TestConditionsSeeTheRequest(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	f := start(t)
	for name, condition := range map[string]string{
		"CreateDistributionWithTags":   `{"StringEquals":{"aws:RequestTag/mayfly:sandbox":"s-1"}}`,
		"TransactWriteItems":           `{"StringEquals":{"dynamodb:EnclosingOperation":"TransactWriteItems"}}`,
		"ecr CreateRepository, by key": `{"StringLikeIfExists":{"kms:ViaService":"ecr.*.amazonaws.com"}}`,
		"GetItem":                      `{"StringEquals":{"aws:RequestedRegion":"us-east-1"},"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:role/mayfly-one"}}`,
	} {
		i := slices.IndexFunc(calls(f.config()), func(c call) bool { return c.name == name })
		row := calls(f.config())[i]
		for effect, reaches := range map[string]int{"Allow": 1, "Deny": 0} {
			f.may(everything + `,{"Effect":"` + effect + `","Action":"*","Resource":"*","Condition":` + condition + `}`)
			f.reached = nil
			_ = row.do(t.Context())
			if len(f.reached) != reaches {
				t.Errorf("%s with %s %s reached %v", name, effect, condition, f.reached)
			}
		}
	}
}
