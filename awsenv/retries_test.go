package awsenv_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/metric"
)

// TestRequestsSentAgainAreCounted: S3 answers SlowDown as often as each case
// says, then well.
func TestRequestsSentAgainAreCounted(t *testing.T) {
	for _, test := range []struct {
		name     string
		slowDown int
		want     []float64
	}{
		{"none", 0, nil},
		{"twice", 2, []float64{2}},
		{"until it gives up", 3, []float64{2}}, // the SDK sends a request three times
	} {
		t.Run(test.name, func(t *testing.T) {
			left := test.slowDown
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if left--; left < 0 {
					return
				}
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = w.Write([]byte(`<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`))
			}))
			defer server.Close()
			env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL_S3": server.URL}
			config, err := awsenv.Config(func(name string) string { return env[name] })
			if err != nil {
				t.Fatal(err)
			}
			config.Retryer = func() aws.Retryer {
				return retry.NewStandard(func(o *retry.StandardOptions) {
					o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				})
			}
			var measured metric.Set
			client := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
			_, err = client.GetBucketTagging(metric.With(t.Context(), &measured), &s3.GetBucketTaggingInput{Bucket: aws.String("b")})
			if failed := test.slowDown > 2; (err != nil) != failed {
				t.Errorf("error %v", err)
			}
			var got []float64
			for _, d := range measured.Data(metric.Source{}, time.Time{}) {
				if d.Name == string(metric.Retries) {
					got = append(got, d.Values...)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRequestsCanBeSigned: without sending them there is nothing to count.
func TestRequestsCanBeSigned(t *testing.T) {
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}
	config, err := awsenv.Config(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s3.NewPresignClient(s3.NewFromConfig(config)).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	if err != nil || !strings.Contains(signed.URL, "X-Amz-Signature=") {
		t.Errorf("%v, %v", signed, err)
	}
}
