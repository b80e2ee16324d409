// Package kubernetes speaks with the Kubernetes API of clusters of Amazon EKS:
// as much of it as bringing an image to a Deployment takes. A cluster is
// reached by what EKS tells of it, its endpoint and its certificate authority,
// and knows its caller by a token that is a signed question to STS.
//
// What a cluster answers is not trusted: answers are bounded in size and time,
// redirects are not followed, and what is shown of a refusal is cleaned.
package kubernetes
