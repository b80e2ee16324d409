package release

import "fmt"

// ContentError says which entry of an archive breaks which rule. Nothing is
// changed when it is returned. A rule for the archive as a whole has no entry.
type ContentError struct {
	Entry string
	Rule  string
}

func (e *ContentError) Error() string {
	if e.Entry == "" {
		return "the content is refused: " + e.Rule
	}
	name := e.Entry
	if len(name) > maxShownName {
		name = name[:maxShownName] + "…"
	}
	return fmt.Sprintf("the content is refused: entry %q %s", name, e.Rule)
}

// ErrorName is the name of the error in the state machines.
func (e *ContentError) ErrorName() string { return "BadContent" }

// maxShownName is how much of a hostile name, in bytes, a message repeats.
const maxShownName = 200

func refuse(entry, rule string, args ...any) error {
	return &ContentError{Entry: entry, Rule: fmt.Sprintf(rule, args...)}
}

// ChangedError says that the content is no longer what was inspected.
type ChangedError struct{ What string }

func (e *ChangedError) Error() string {
	return "the content changed after it was inspected: " + e.What
}

// ErrorName is the name of the error in the state machines.
func (e *ChangedError) ErrorName() string { return "ContentChanged" }

// VersionGoneError says that a version that is to be brought back is no longer
// kept by the bucket.
type VersionGoneError struct {
	Path      string
	VersionID string
}

func (e *VersionGoneError) Error() string {
	return fmt.Sprintf("version %q of %q is no longer kept, so it cannot be brought back", e.VersionID, e.Path)
}

// ErrorName is the name of the error in the state machines.
func (e *VersionGoneError) ErrorName() string { return "VersionExpired" }
