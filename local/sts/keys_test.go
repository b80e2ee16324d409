package sts_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// TestKeysOfARole: whoever signs with them, in the header or in a URL, is that
// role's; nobody else is.
func TestKeysOfARole(t *testing.T) {
	f := start(t)
	keys, others := f.sessions.Keys("one"), f.sessions.Keys("two")
	if keys == others || keys != f.sessions.Keys("one") || keys.Access == "" || keys.Secret == "" {
		t.Fatalf("keys %+v and %+v", keys, others)
	}
	const arn = "arn:aws:sts::000000000000:assumed-role/mayfly-one/mayfly-one"
	who, err := iam.RoleCaller(arn, nil, nil, nil)
	must(t, err)
	f.sessions.Know("one", who)

	signed := func(key string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260504/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
		return r
	}
	for name, row := range map[string]struct {
		request *http.Request
		want    string
	}{
		"its header":      {signed(keys.Access), arn},
		"its URL":         {httptest.NewRequest(http.MethodGet, "/?X-Amz-Credential="+keys.Access+"%2F20260504%2Fus-east-1%2Fs3%2Faws4_request", nil), arn},
		"another's":       {signed(others.Access), "arn:aws:iam::000000000000:root"},
		"anybody's":       {signed("test"), "arn:aws:iam::000000000000:root"},
		"without any key": {httptest.NewRequest(http.MethodGet, "/?a=b", nil), "arn:aws:iam::000000000000:root"},
	} {
		if got, err := f.sessions.Caller(row.request); err != nil || got.ARN != row.want {
			t.Errorf("%s: %s, %v", name, got.ARN, err)
		}
	}
	if got, err := f.arn(f.as(keys.Access, keys.Secret, "")); err != nil || got != arn {
		t.Errorf("who it is: %s, %v", got, err)
	}
}
