package awssdk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// clients returns clients of a server.
func clients(t *testing.T, handle http.HandlerFunc) *Clients {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func find(t *testing.T, service, action string) *Operation {
	t.Helper()
	o, ok := Find(service, action)
	if !ok {
		t.Fatalf("%s has no %s", service, action)
	}
	return o
}

func TestOnlyOperationsAreFound(t *testing.T) {
	for _, c := range []struct {
		service, action string
		found           bool
	}{
		{"s3", "getObject", true}, {"s3", "listObjectsV2", true}, {"cloudfront", "createDistribution", true}, {"sts", "getCallerIdentity", true},
		{"s3", "GetObject", false}, {"s3", "getobject", false}, {"s3", "options", false}, {"s3", "selectObjectContent", false}, {"s3", "", false},
		{"sts", "assumeRole", false}, {"lambda", "invokeAsync", false}, {"unheardof", "doIt", false},
	} {
		if _, ok := Find(c.service, c.action); ok != c.found {
			t.Errorf("%s:%s is found: %v", c.service, c.action, ok)
		}
	}
	if !Linked("s3") || Linked("ec2") {
		t.Error("which clients are linked is not known")
	}
}

func TestARequestHasWhatTheParametersSay(t *testing.T) {
	var got *http.Request
	var body string
	c := clients(t, func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		got, body = r, string(content)
	})
	for _, d := range []struct{ service, action, parameters, path, header, value, body string }{
		{"s3", "putObject", `{"Bucket":"b","Key":"a/b c","Body":{"x": [1, 2]},"ContentLength":"11","Metadata":{"k":7}}`, "/b/a/b%20c?x-id=PutObject", "X-Amz-Meta-K", "7", `{"x":[1,2]}`},
		{"s3", "putObject", `{"Bucket":"b","Key":"k","Expires":"2026-01-02T03:04:05Z","Body":"t"}`, "/b/k?x-id=PutObject", "Expires", "Fri, 02 Jan 2026 03:04:05 GMT", `"t"`},
		{"s3", "putObject", `{"Bucket":"b","Key":"k","BucketKeyEnabled":"true"}`, "/b/k?x-id=PutObject", "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "true", ``},
		{"s3", "listObjectsV2", `{"Bucket":"b","MaxKeys":1e1,"Prefix":null}`, "/b?list-type=2&max-keys=10", "Host", "", ``},
		{"lambda", "invoke", `{"FunctionName":"f","Payload":{"a":1},"Qualifier":7}`, "/2015-03-31/functions/f/invocations?Qualifier=7", "Content-Type", "application/octet-stream", `{"a":1}`},
		{"lambda", "invoke", `{"FunctionName":"f","Payload":"{}"}`, "/2015-03-31/functions/f/invocations", "Host", "", `{}`},
		{"sfn", "startExecution", `{"StateMachineArn":"m","Input":{"a":1}}`, "/", "X-Amz-Target", "AWSStepFunctions.StartExecution", `{"input":"{\"a\":1}","stateMachineArn":"m"}`},
		{"sts", "getCallerIdentity", `{}`, "/", "Host", "", `Action=GetCallerIdentity&Version=2011-06-15`},
	} {
		if _, err := c.Call(t.Context(), find(t, d.service, d.action), []byte(d.parameters)); err != nil && got == nil {
			t.Fatalf("%s: %v", d.action, err)
		}
		if got.URL.RequestURI() != d.path || d.value != got.Header.Get(d.header) || body != d.body {
			t.Errorf("%s %s: %s, %s: %s, body %s", d.action, d.parameters, got.URL.RequestURI(), d.header, got.Header.Get(d.header), body)
		}
	}
}

func TestParametersThatDoNotFitAreNotSent(t *testing.T) {
	c := clients(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, d := range []struct{ service, action, parameters, faults string }{
		{"s3", "getObject", `{"Bucket":"b"}`, `[The field 'Key' is required but was missing]`},
		{"s3", "getObject", `{"bucket":"b","Key":"k"}`, `[The field "bucket" is not supported by Step Functions]`},
		{"s3", "listObjectsV2", `{"Bucket":"b","MaxKeys":"many"}`, `[The value of the field 'MaxKeys' has an invalid format]`},
		{"s3", "listObjectsV2", `{"Bucket":"b","MaxKeys":1.5}`, `[The value of the field 'MaxKeys' has an invalid format]`},
		{"s3", "listObjectsV2", `{"Bucket":"b","MaxKeys":99999999999}`, `[The value of the field 'MaxKeys' has an invalid format]`},
		{"s3", "listObjectsV2", `{"Bucket":"b","FetchOwner":"maybe"}`, `[The value of the field 'FetchOwner' has an invalid format]`},
		{"s3", "putObject", `{"Bucket":"b","Key":"k","Expires":"soon"}`, `[The value of the field 'Expires' has an invalid format]`},
		{"s3", "deleteObjects", `{"Bucket":"b","Delete":{"Objects":"all"}}`, `[The value of the field 'Objects' has an invalid format]`},
		{"s3", "deleteObjects", `{"Bucket":"b","Delete":[]}`, `[The value of the field 'Delete' has an invalid format]`},
		{"s3", "deleteObjects", `{"Bucket":"b","Delete":{"Objects":[{"VersionId":"v"}]}}`, `[The field 'Key' is required but was missing]`},
		{"dynamodb", "getItem", `{"TableName":"t","Key":{"id":{"X":"a"}}}`, `[The field "X" is not supported by Step Functions]`},
		{"dynamodb", "getItem", `{"TableName":"t","Key":{"id":{"B":"not base64"}}}`, `[The value of the field 'B' has an invalid format]`},
		{"dynamodb", "getItem", `{"TableName":"t","Key":{"id":{}}}`, `[The value of the field 'Key' has an invalid format]`},
		{"dynamodb", "getItem", `{"TableName":"t","Key":{"id":` + strings.Repeat(`{"L":[`, 4000) + strings.Repeat(`]}`, 4000) + `}}`, `[The value of the field 'L' is nested too deep]`},
		{"dynamodb", "getItem", `[]`, ``},
	} {
		_, err := c.Call(t.Context(), find(t, d.service, d.action), []byte(d.parameters))
		var faults Faults
		if !errors.As(err, &faults) || d.faults != "" && faults.Error() != d.faults {
			t.Errorf("%s %s: %v, want %s", d.action, d.parameters, err, d.faults)
		}
	}
}

func TestAnAnswerIsWhatIsThere(t *testing.T) {
	c := clients(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/binary"):
			_, _ = w.Write([]byte("a\xffb"))
		case r.URL.Query().Has("versions"):
			_, _ = io.WriteString(w, `<ListVersionsResult><Name>b</Name><IsTruncated>false</IsTruncated><Version><Key>k</Key><IsLatest>true</IsLatest><LastModified>2026-01-02T03:04:05.120Z</LastModified><Size>0</Size></Version></ListVersionsResult>`)
		default:
			_, _ = io.WriteString(w, `{}`)
		}
	})
	for _, d := range []struct{ service, action, parameters, answer string }{
		{"s3", "listObjectVersions", `{"Bucket":"b"}`, `{"IsTruncated":false,"Name":"b","Versions":[{"IsLatest":true,"Key":"k","LastModified":"2026-01-02T03:04:05.120Z","Size":0}]}`},
		{"s3", "getObject", `{"Bucket":"binary","Key":"k"}`, `{"Body":"a` + "\uFFFD" + `b","ContentLength":3,"ContentType":"text/plain; charset=utf-8","Metadata":{}}`},
		{"dynamodb", "putItem", `{"TableName":"t","Item":{}}`, `{}`},
	} {
		answer, err := c.Call(t.Context(), find(t, d.service, d.action), []byte(d.parameters))
		if err != nil || string(answer.JSON) != d.answer || answer.HTTP == nil || answer.HTTP.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v", d.action, answer.JSON, err)
		}
	}
}

func TestTimesAreWrittenAsJavaWritesThem(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for nanos, want := range map[time.Duration]string{
		0: "2026-01-02T02:04:05Z", 120 * time.Millisecond: "2026-01-02T02:04:05.120Z", 7 * time.Microsecond: "2026-01-02T02:04:05.000007Z", 9: "2026-01-02T02:04:05.000000009Z",
	} {
		if got := instant(at.Add(nanos)); got != want {
			t.Errorf("%v after is %s, want %s", nanos, got, want)
		}
	}
}

func TestACallThatIsGivenUpIsTheClientsError(t *testing.T) {
	c := clients(t, func(http.ResponseWriter, *http.Request) {})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Call(ctx, find(t, "s3", "listBuckets"), []byte(`{}`))
	var failed *Failure
	if !errors.As(err, &failed) || failed.Name() != "S3.SdkClientException" || failed.Cause() != "Unable to execute HTTP request: context canceled" {
		t.Errorf("%v", err)
	}
}

// nobody answers no request.
type nobody struct{}

func (nobody) Do(*http.Request) (*http.Response, error) { return nil, errors.New("nobody is there") }

// FuzzParameters has hostile parameters read for operations with every kind of
// member.
func FuzzParameters(f *testing.F) {
	operations := []*Operation{}
	for service, actions := range map[string][]string{
		"s3": {"putObject", "deleteObjects", "putBucketMetricsConfiguration"}, "dynamodb": {"putItem", "query"}, "cloudfront": {"createDistribution"}, "lambda": {"createFunction"},
	} {
		for _, action := range actions {
			o, ok := Find(service, action)
			if !ok {
				f.Fatal(action)
			}
			operations = append(operations, o)
		}
	}
	for _, seed := range []string{`{}`, `{"Bucket":"b","Key.$":"$.k","Body":{"a":[1]}}`, `{"Item":{"a":{"M":{"b":{"L":[{"N":1},{"Nul":true}]}}}}}`,
		`{"MetricsConfiguration":{"Filter":{"And":{"Tags":[{"Key":"k"}]}}}}`, `"{% $x %}"`, `{"DistributionConfig":{"Origins":{"Quantity":"1e2"}}}`, `[`, `{"Expires":1e300}`} {
		f.Add(seed, uint8(0))
	}
	offline := New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1"), HTTPClient: nobody{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	f.Fuzz(func(t *testing.T, parameters string, template uint8) {
		for _, o := range operations {
			o.Check([]byte(parameters), Template(template%3))
			if _, err := offline.Call(context.Background(), o, []byte(parameters)); err == nil {
				t.Errorf("%s was answered", o.name)
			}
		}
	})
}
