package sandbox

// TargetError says that a service can't be deployed to as it is, and what to
// do. Nothing of the service was changed.
type TargetError struct {
	Destination string
	Why         string
}

func (e *TargetError) Error() string { return e.Destination + ": " + e.Why }

// ErrorName is the name of the error in the state machines.
func (e *TargetError) ErrorName() string { return "TargetRefused" }

// RolloutError says that a service did not come to run what was released to it,
// and what it runs.
type RolloutError struct {
	Destination string
	Why         string
}

func (e *RolloutError) Error() string { return e.Destination + ": " + e.Why }

// ErrorName is the name of the error in the state machines.
func (e *RolloutError) ErrorName() string { return "RolloutFailed" }
