// Package bucketpolicy is the IAM policy language as far as Mayfly's bucket
// policies need it: a document of statements that marshals to the same text
// every time.
package bucketpolicy

import (
	"encoding/json"
	"fmt"
)

// Everyone is the principal that matches any caller, signed or anonymous.
const Everyone = Principal("*")

// Statement is one statement. Principal is [Everyone], [AWS] or [Service].
type Statement struct {
	Sid       string                       `json:"Sid"`
	Effect    Effect                       `json:"Effect"`
	Principal any                          `json:"Principal"`
	Action    []string                     `json:"Action"`
	Resource  []string                     `json:"Resource"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

// Effect is what a statement does.
type Effect string

// The effects. A Deny wins over every Allow.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Principal is a principal that is written without a kind.
type Principal string

// AWS returns the principal with an ARN.
func AWS(arn string) map[string]string { return map[string]string{"AWS": arn} }

// Service returns the principal of an AWS service.
func Service(host string) map[string]string { return map[string]string{"Service": host} }

// Bucket returns the ARN of a bucket.
func Bucket(name string) string { return "arn:aws:s3:::" + name }

// Objects returns the ARN of all objects of a bucket.
func Objects(name string) string { return "arn:aws:s3:::" + name + "/*" }

// Document returns the policy with these statements as JSON. S3 takes at most
// 20 KiB.
func Document(statements ...Statement) (string, error) {
	text, err := json.Marshal(struct {
		Version   string      `json:"Version"`
		Statement []Statement `json:"Statement"`
	}{"2012-10-17", statements})
	if err != nil {
		return "", fmt.Errorf("write bucket policy: %w", err)
	}
	return string(text), nil
}
