package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// scope returns the service in the credential scope of a signed request, from
// its Authorization header or its presigned query; "" when it is not signed.
// The scope is KEY/DATE/REGION/SERVICE/aws4_request.
func scope(r *http.Request) string {
	credential := ""
	if auth := r.Header.Get("Authorization"); strings.HasPrefix(auth, "AWS4-") {
		_, credential, _ = strings.Cut(auth, "Credential=")
		credential, _, _ = strings.Cut(credential, ",")
	} else if strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return ""
		}
		credential = query.Get("X-Amz-Credential")
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) < 5 {
		return ""
	}
	return parts[len(parts)-2]
}

// targets are the services of the JSON protocols by the prefixes of their
// X-Amz-Target.
var targets = map[string]string{
	"AWSEvents":                            "events",
	"AWSStepFunctions":                     "states",
	"AWSWAF_20190729":                      "wafv2",
	"AmazonEC2ContainerRegistry_V20150921": "ecr",
	"AmazonSQS":                            "sqs",
	"DynamoDB_20120810":                    "dynamodb",
	"GraniteServiceVersion20100801":        "monitoring",
	"SpencerFrontendService":               "ecr-public",
}

// target returns the service that an unsigned call of a JSON protocol names.
func target(r *http.Request) string {
	header := r.Header.Get("X-Amz-Target")
	if header == "" {
		return ""
	}
	prefix, _, _ := strings.Cut(header, ".")
	if name, ok := targets[prefix]; ok {
		return name
	}
	return strings.ToLower(prefix)
}
