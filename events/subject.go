package events

// Subject is what a run of a step is about, as logs name it: enough to find
// the run, and nothing of what it carries.
type Subject struct {
	// Sandbox is the sandbox's name, ID its id, and Release the release under
	// way; each empty when the step has none.
	Sandbox, ID, Release string
	// Repository and Image are what a push was about: a name and a digest.
	Repository, Image string
	// Event is the event that started the flow, by its id; EventBridge begins
	// the name of the execution that it starts with it.
	Event string
	// Execution is the state machine's execution, by its ARN or its name, where
	// the flow knows it.
	Execution string
}

// Subject returns what the flow is about.
func (f Flow) Subject() Subject {
	return Subject{Sandbox: f.Sandbox.Name, ID: f.Sandbox.ID, Execution: f.Execution}
}

// Subject returns what the flow is about.
func (f ReleaseFlow) Subject() Subject {
	return Subject{
		Sandbox: f.Sandbox.Name, ID: f.Sandbox.ID, Release: f.Release.ID,
		Repository: f.Release.Image.Repository, Image: f.Release.Image.Digest, Execution: f.Execution,
	}
}

// Subject returns what the flow is about; it knows the sandbox once the event
// is resolved.
func (f DeployFlow) Subject() Subject {
	about := Subject{Repository: f.Detail.RepositoryName, Image: f.Detail.ImageDigest, Event: f.ID}
	if f.Resolved != nil && f.Resolved.Sandbox != nil {
		about.Sandbox, about.ID = f.Resolved.Sandbox.Name, f.Resolved.Sandbox.ID
	}
	return about
}

// Subject returns what the flow is about.
func (b BeginDeploy) Subject() Subject { return of(b.Flow.Subject(), b.Execution) }

// Subject returns what the flow is about.
func (d FailDeploy) Subject() Subject { return of(d.Flow.Subject(), d.Execution) }

// Subject returns what the flow is about.
func (r Record) Subject() Subject { return r.Flow.Subject() }

// Subject returns what the flow is about.
func (w Write) Subject() Subject { return w.Flow.Subject() }

// Subject returns what the flow is about.
func (f FinishRelease) Subject() Subject { return f.Flow.Subject() }

// Subject returns nothing: the flow is about all sandboxes.
func (Reconcile) Subject() Subject { return Subject{} }

// Subject returns nothing: the flow is about all sandboxes.
func (CostsFlow) Subject() Subject { return Subject{} }

// Subject returns the run alone: the step is about the whole account.
func (f FindOrphans) Subject() Subject { return Subject{Execution: f.Run} }

// Subject returns what the flow is about.
func (f RolloutFlow) Subject() Subject {
	return Subject{
		Sandbox: f.Sandbox.Name, ID: f.Sandbox.ID, Release: f.Release.ID,
		Repository: f.Release.Image.Repository, Image: f.Release.Image.Digest, Execution: f.Execution,
	}
}

// Subject returns what the flow is about.
func (f FinishRollout) Subject() Subject { return f.Flow.Subject() }

func of(about Subject, execution string) Subject {
	about.Execution = execution
	return about
}
