// Package repository supplies what a sandbox's container repository is made
// with, beside its name: the lifecycle policy that keeps it small and never
// expires what is deployed, and the repository policy that says who pushes and
// who pulls.
package repository
