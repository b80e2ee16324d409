package sts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// Keys are an access key and its secret.
type Keys struct{ Access, Secret string }

// Keys returns the lasting keys of the installation's own role of that name.
// They are the same after a restart, so that a URL that was signed with them
// before stays what it was.
func (s *Sessions) Keys(role string) Keys {
	mac := hmac.New(sha256.New, s.key)
	_, _ = io.WriteString(mac, "keys of "+role) // a hash never fails
	sum := mac.Sum(nil)
	return Keys{Access: "AKIA" + base32.StdEncoding.EncodeToString(sum[:10]), Secret: base64.RawStdEncoding.EncodeToString(sum[10:])}
}

// Know makes whoever signs with the keys of a role that role's caller. It is
// called before the first request comes.
func (s *Sessions) Know(role string, who iam.Caller) {
	if s.known == nil {
		s.known = make(map[string]iam.Caller)
	}
	s.known[s.Keys(role).Access] = who
}

// accessKey is what a request says it is signed with, in its header or in its
// query, as Credential=KEY/DATE/REGION/SERVICE/aws4_request; "" for none.
func accessKey(r *http.Request) string {
	_, credential, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !ok && strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		credential = r.URL.Query().Get("X-Amz-Credential")
	}
	key, _, _ := strings.Cut(credential, "/")
	return key
}
