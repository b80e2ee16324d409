package doctor_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/doctor"
)

// apiError is an error as AWS's clients return it.
func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "so says AWS"}
}

// want compares a check's results with lines of "check status", and requires
// that whatever is not well comes with what to do.
func want(t *testing.T, got []doctor.Result, lines ...string) {
	t.Helper()
	var all []string
	for _, r := range got {
		all = append(all, r.Check+" "+string(r.Status))
		if r.Found == "" || (r.Status == doctor.Warning || r.Status == doctor.Failed) != (r.Do != "") {
			t.Errorf("%s is %s: found %q, do %q", r.Check, r.Status, r.Found, r.Do)
		}
	}
	if strings.Join(all, "\n") != strings.Join(lines, "\n") {
		t.Errorf("got\n%s\nwant\n%s\n%+v", strings.Join(all, "\n"), strings.Join(lines, "\n"), got)
	}
}

// TestCaller asks the real client of a server that answers as STS does, at a
// time of its own.
func TestCaller(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const answer = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
		`<Arn>arn:aws:iam::123456789012:user/ann</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	refusal := func(code string) string {
		return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>` + code + `</Code><Message>no</Message></Error></ErrorResponse>`
	}
	for _, test := range []struct {
		name   string
		status int
		body   string
		ahead  time.Duration // of the server's clock
		want   []string
	}{
		{"well", 200, answer, 0, []string{"credentials ok", "clock ok"}},
		{"two minutes off", 200, answer, 2 * time.Minute, []string{"credentials ok", "clock warning"}},
		{"six minutes off", 200, answer, -6 * time.Minute, []string{"credentials ok", "clock failed"}},
		{"expired", 403, refusal("ExpiredToken"), 0, []string{"credentials failed", "clock skipped"}},
		{"an unknown key", 403, refusal("InvalidClientTokenId"), 0, []string{"credentials failed", "clock skipped"}},
		{"a wrong secret", 403, refusal("SignatureDoesNotMatch"), 0, []string{"credentials failed", "clock skipped"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", now.Add(test.ahead).Format(http.TimeFormat))
				w.Header().Set("Content-Type", "text/xml")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			defer server.Close()
			client := sts.New(sts.Options{
				Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1, HTTPClient: server.Client(),
				Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
			})
			want(t, doctor.Caller(client, func() time.Time { return now })(t.Context()), test.want...)
		})
	}
}

// noCredentials is STS for a person who has none.
type noCredentials struct{}

func (noCredentials) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return nil, errors.New("get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found")
}

func TestCallerWithoutCredentials(t *testing.T) {
	got := doctor.Caller(noCredentials{}, time.Now)(t.Context())
	want(t, got, "credentials failed", "clock skipped")
	if !strings.Contains(got[0].Do, "AWS_PROFILE") {
		t.Errorf("says to do %q", got[0].Do)
	}
}

func TestRegion(t *testing.T) {
	for region, status := range map[string]string{"": "failed", "us-east-1": "ok", "il-central-1": "failed", "cn-north-1": "failed"} {
		want(t, doctor.Region(region)(t.Context()), "region "+status)
	}
}

// TestAReportGoesOn: what failed first keeps nothing else from being looked at.
func TestAReportGoesOn(t *testing.T) {
	var told []string
	report := doctor.Run(t.Context(), []doctor.Check{
		doctor.Region(""), doctor.Region("us-east-1"),
		func(ctx context.Context) []doctor.Result {
			if _, limited := ctx.Deadline(); !limited {
				t.Error("a check may take for ever")
			}
			return nil
		},
	}, func(r doctor.Result) { told = append(told, string(r.Status)) })
	if report.OK || len(report.Checks) != 2 || strings.Join(told, " ") != "failed ok" {
		t.Errorf("%+v, told %q", report, told)
	}
	if report := doctor.Run(t.Context(), []doctor.Check{doctor.Region("us-east-1")}, func(doctor.Result) {}); !report.OK {
		t.Errorf("%+v", report)
	}
}
