// Package metered finds out how sandboxes are used, by what AWS counts of them in
// CloudWatch, by ECR's images and by the record.
package metered
