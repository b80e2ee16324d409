package cloudwatch

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
)

// position is where the next page of GetMetricData begins.
type position struct {
	// Request is the digest of the request that the page belongs to.
	Request string
	// Query is the index of the query that goes on.
	Query int
	// At is the period that it goes on with, in seconds since 1970; 0 is its
	// first.
	At int64
}

func (p position) token() string {
	text, err := json.Marshal(p)
	if err != nil { // these fields always marshal
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// position returns where a request goes on: at its beginning, or where its
// token says. A token of another request is refused, as by CloudWatch.
func (in *getMetricDataInput) position() (position, error) {
	same := *in
	same.NextToken = ""
	text, err := json.Marshal(same)
	if err != nil {
		return position{}, err
	}
	sum := sha256.Sum256(text)
	first := position{Request: hex.EncodeToString(sum[:12])}
	if in.NextToken == "" {
		return first, nil
	}
	var p position
	text, err = base64.RawURLEncoding.DecodeString(in.NextToken)
	if err != nil || json.Unmarshal(text, &p) != nil || p.Request != first.Request || p.Query < 0 {
		return position{}, badToken()
	}
	return p, nil
}
