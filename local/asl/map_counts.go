package asl

// standing is where a child execution of a map run stands.
type standing uint8

const (
	standPending standing = iota // it has not been started
	standRunning
	standSucceeded
	standFailed
	standTimedOut
	standAborted
	standPendingRedrive // it is to be redriven, once others have ended
	standings
)

// tally is how many child executions, or items of theirs, stand where.
type tally [standings]int

func (t *tally) total() int {
	n := 0
	for _, count := range t {
		n += count
	}
	return n
}

func (t *tally) unsuccessful() int { return t[standFailed] + t[standTimedOut] + t[standAborted] }

// standingOf is where a child stands whose status that is.
func standingOf(status Status) standing {
	switch status {
	case StatusSucceeded:
		return standSucceeded
	case StatusFailed:
		return standFailed
	case StatusTimedOut:
		return standTimedOut
	case StatusAborted:
		return standAborted
	default:
		return standRunning
	}
}

func (s standing) unsuccessful() bool {
	return s == standFailed || s == standTimedOut || s == standAborted
}

// move counts a child that goes from where it stands to somewhere else. The
// caller holds the run's lock.
func (run *mapRun) move(child *execution, to standing) {
	from := child.standing
	child.standing = to
	run.executions[from]--
	run.executions[to]++
	run.items[from] -= child.info.items
	run.items[to] += child.info.items
}

// MapRunCounts are how many child executions of a map run stand where, or how
// many items they have.
type MapRunCounts struct {
	Pending, Running, Succeeded, Failed, TimedOut, Aborted, Total int
	// ResultsWritten is how many results there are of a map run that has ended.
	ResultsWritten int
	// FailuresNotRedrivable is how many of the unsuccessful ones a redrive would
	// leave as they are.
	FailuresNotRedrivable int
	// PendingRedrive is how many are to be redriven.
	PendingRedrive int
}

func (t *tally) counts() MapRunCounts {
	return MapRunCounts{
		Pending: t[standPending], Running: t[standRunning], Succeeded: t[standSucceeded], Failed: t[standFailed],
		TimedOut: t[standTimedOut], Aborted: t[standAborted], PendingRedrive: t[standPendingRedrive], Total: t.total(),
	}
}

// results is how many there are of what has ended.
func (t *tally) results() int { return t[standSucceeded] + t.unsuccessful() }
