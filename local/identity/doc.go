// Package identity knows who asks Mayfly's API on one machine, as API Gateway
// does on AWS: by a token of a person's own, by the signature of an access key,
// or by a JSON Web Token of an identity provider. Who there is, with which role,
// is in a file (see [File]); a change of it counts from the next request on.
package identity
