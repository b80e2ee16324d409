// Package metric names what Mayfly measures, and says it in CloudWatch's
// embedded metric format: a log line that CloudWatch makes metrics of, so that
// a function measures without a request and without a right.
//
// A step adds what it measured to the Set in its context; whoever runs the step
// writes the set as attributes of the line that it logs anyway.
package metric

// Namespace is the CloudWatch namespace of all of Mayfly's metrics.
const Namespace = "Mayfly"

// The dimensions. RepositoryName is called as in AWS/ECR, so that one query
// finds AWS's metrics of a repository and Mayfly's.
const (
	Stage          = "Stage"
	Step           = "Step"
	RepositoryName = "RepositoryName"
)

// Name is a metric's name in the namespace.
type Name string

// The metrics. A metric that had nothing to measure in a period has no data
// there: it is neither sent nor paid for.
const (
	// StepDuration is how long a step took, in its own clock.
	StepDuration Name = "StepDuration"
	// StepErrors counts runs of a step that failed. A state machine runs most of
	// them again.
	StepErrors Name = "StepErrors"
	// Faults counts the errors among them that no retry mends and no user
	// caused: missing rights, expired keys, errors without a name, panics.
	Faults Name = "Faults"
	// Retries counts requests to AWS that a step had to send again.
	Retries Name = "Retries"

	// ProvisionDuration is from the claim of a name to the ready sandbox.
	ProvisionDuration Name = "ProvisionDuration"
	// UpdateDuration is from the request for a change to its having spread.
	UpdateDuration Name = "UpdateDuration"
	// ReleaseDuration is from the start of a release to its being live.
	ReleaseDuration Name = "ReleaseDuration"
	// TeardownDuration is from the request to nothing left.
	TeardownDuration Name = "TeardownDuration"

	// Orphans is what the account holds that is proven to be the installation's
	// and is in no record, as the last comparison of a run found it: what another
	// installation in the account holds is not counted.
	Orphans Name = "Orphans"

	// Pushes counts the pushes that ECR told of, by repository.
	Pushes Name = "Pushes"
	// ImageBytes is the size of a pushed image as ECR counts it: compressed.
	ImageBytes Name = "ImageBytes"
	// RepositoryBytes and RepositoryImages are what a repository holds.
	RepositoryBytes  Name = "RepositoryBytes"
	RepositoryImages Name = "RepositoryImages"

	// EstimatedCost is what the installation's sandboxes cost in the month so far,
	// in US dollars, and ForecastCost what they will have cost at its end; each
	// night.
	EstimatedCost Name = "EstimatedCost"
	ForecastCost  Name = "ForecastCost"

	// SandboxesSwept counts the sandboxes that a night put to sleep or tore down,
	// SweepsFailed those with which that failed, and SandboxesQuarantined those that
	// failed so many nights that they are left to a person.
	SandboxesSwept       Name = "SandboxesSwept"
	SweepsFailed         Name = "SweepsFailed"
	SandboxesQuarantined Name = "SandboxesQuarantined"
)

// Names returns every metric.
func Names() []Name {
	return []Name{
		StepDuration, StepErrors, Faults, Retries, ProvisionDuration, UpdateDuration, ReleaseDuration, TeardownDuration, Orphans,
		Pushes, ImageBytes, RepositoryBytes, RepositoryImages, EstimatedCost, ForecastCost, SandboxesSwept, SweepsFailed, SandboxesQuarantined,
	}
}

// Unit is one of CloudWatch's units.
type Unit string

// The units that Mayfly measures in.
const (
	Milliseconds Unit = "Milliseconds"
	Bytes        Unit = "Bytes"
	Count        Unit = "Count"
	// NoUnit is for amounts of money, for which CloudWatch has none.
	NoUnit Unit = "None"
)

// Unit returns what the metric is measured in.
func (n Name) Unit() Unit {
	switch n {
	case StepDuration, ProvisionDuration, UpdateDuration, ReleaseDuration, TeardownDuration:
		return Milliseconds
	case ImageBytes, RepositoryBytes:
		return Bytes
	case EstimatedCost, ForecastCost:
		return NoUnit
	}
	return Count
}

// Dimensions returns the names of the metric's dimensions. Each combination of
// their values is a metric of its own on AWS's bill, for the hours in which it
// has data.
func (n Name) Dimensions() []string {
	switch n {
	case StepDuration, StepErrors:
		return []string{Stage, Step}
	case Pushes, ImageBytes, RepositoryBytes, RepositoryImages:
		return []string{Stage, RepositoryName}
	}
	return []string{Stage}
}
