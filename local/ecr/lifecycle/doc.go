// Package lifecycle reads ECR's lifecycle policies, refuses what ECR refuses,
// and says which images a policy expires or archives.
//
// The rules of evaluation are those of the ECR user guide, "Automate the
// cleanup of images by using lifecycle policies": an image is marked by one
// rule at most; a rule never touches an image that meets the tag requirements
// of a rule with a lower rulePriority, but counts it; an image that an index
// names stays until the index is gone.
package lifecycle
