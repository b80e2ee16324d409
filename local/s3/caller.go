package s3

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	amzTime   = "20060102T150405Z"
	algorithm = "AWS4-HMAC-SHA256"
	// A presigned URL lives a week at most.
	longestExpiry = 7 * 24 * time.Hour
	// AWS accepts clocks that are this much ahead.
	clockSkew = 15 * time.Minute
)

// How a request was signed, as the condition key s3:authType has it.
const (
	byHeader = "REST-HEADER"
	byQuery  = "REST-QUERY-STRING"
)

// caller finds out who asks, and which session of a role has signed, if any.
func (s *Service) caller(q *request) (who Principal, how string, err error) {
	who, how, err = caller(q.Request, q.query, q.now)
	if err != nil || !who.root || s.options.Principals == nil {
		return who, how, err
	}
	if _, inProcess := principalFrom(q.Context()); inProcess {
		return who, how, nil
	}
	session, err := s.options.Principals.Caller(q.Request)
	switch {
	case err != nil:
		return who, how, fail("InvalidToken", "The provided token is malformed or otherwise invalid.")
	case !session.Root:
		who = Session(session)
	}
	return who, how, nil
}

// caller finds out who asks, as far as the request itself says.
func caller(r *http.Request, query url.Values, now time.Time) (who Principal, how string, err error) {
	if p, ok := principalFrom(r.Context()); ok {
		return p, byHeader, nil
	}
	if header := r.Header.Get("Authorization"); header != "" {
		return Root(), byHeader, checkHeader(header)
	}
	if query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Signature") || query.Has("X-Amz-Credential") {
		return Root(), byQuery, checkPresigned(query, now)
	}
	if query.Has("AWSAccessKeyId") && query.Has("Signature") {
		return Principal{}, "", errUnsupportedSignature()
	}
	return Principal{}, "", nil
}

func errUnsupportedSignature() error {
	return fail("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
}

// checkHeader checks the shape of an Authorization header; any keys will do.
func checkHeader(header string) error {
	scheme, fields, _ := strings.Cut(header, " ")
	if scheme != algorithm && scheme != "AWS4-ECDSA-P256-SHA256" {
		return errUnsupportedSignature()
	}
	found := map[string]string{}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		found[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if found[name] == "" {
			return fail("AuthorizationHeaderMalformed", "The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.")
		}
	}
	if strings.Count(found["Credential"], "/") < 4 && scheme == algorithm {
		return fail("AuthorizationHeaderMalformed", "The authorization header is malformed; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
	}
	return nil
}

// checkPresigned checks the query of a presigned URL, and that it has not expired.
func checkPresigned(query url.Values, now time.Time) error {
	malformed := func(message string) error { return fail("AuthorizationQueryParametersError", message) }
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"} {
		if query.Get(name) == "" {
			return malformed("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
		}
	}
	if query.Get("X-Amz-Algorithm") != algorithm {
		return malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
	}
	if strings.Count(query.Get("X-Amz-Credential"), "/") < 4 {
		return malformed("Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
	}
	signed, err := time.Parse(amzTime, query.Get("X-Amz-Date"))
	if err != nil {
		return malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
	}
	seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	switch {
	case err != nil:
		return malformed("X-Amz-Expires should be a number")
	case seconds < 0:
		return malformed("X-Amz-Expires must be non-negative")
	case time.Duration(seconds)*time.Second > longestExpiry:
		return malformed("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	if signed.After(now.Add(clockSkew)) {
		return fail("AccessDenied", "Request is not valid yet")
	}
	if expires := signed.Add(time.Duration(seconds) * time.Second); now.After(expires) {
		return fail("AccessDenied", "Request has expired").
			with("X-Amz-Expires", query.Get("X-Amz-Expires")).
			with("Expires", expires.UTC().Format(time.RFC3339)).
			with("ServerTime", now.UTC().Format(time.RFC3339))
	}
	return nil
}
