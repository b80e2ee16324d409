// Package awssdk calls AWS's own Go clients by the names that Step Functions
// gives their operations, with JSON in and JSON out: what the resource
// arn:aws:states:::aws-sdk:SERVICE:ACTION stands for.
//
// No operation is named here. An action is found among a client's methods, and
// its parameters and result are converted by the fields of the method's own
// input and output, so that every operation of a linked service is there, and a
// service is one line in services.go. What reflection cannot see is generated
// from the clients' source: which error codes a model names, and what the
// variants of a union are.
//
// Step Functions calls members as AWS's SDK for Java does: the capitals that a
// name begins with are one word (SSEKMSKeyId is SsekmsKeyId, ACL is Acl, and
// ETag stays), and errors after that SDK's exceptions.
package awssdk

//go:generate go run ./generate
