package scheduler

import (
	"path/filepath"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// migrations brings a file from version i to version i+1, by index. What is
// here was released and never changes; a new version is one more entry.
func migrations() []string {
	return []string{`
-- Times are in milliseconds since 1970.
CREATE TABLE schedule_group (
	name     TEXT PRIMARY KEY,
	token    TEXT NOT NULL, -- of the request that made it
	tags     TEXT NOT NULL, -- JSON
	created  INTEGER NOT NULL,
	modified INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE schedule (
	group_name TEXT NOT NULL REFERENCES schedule_group (name) ON DELETE CASCADE,
	name       TEXT NOT NULL,
	token      TEXT NOT NULL,
	definition TEXT NOT NULL, -- JSON, as in the API
	created    INTEGER NOT NULL,
	modified   INTEGER NOT NULL,
	anchor     INTEGER NOT NULL, -- when its expression was given, from which rates count
	next       INTEGER,          -- when it is due; NULL when it never is, or is disabled
	last       INTEGER,          -- when it was due last
	PRIMARY KEY (group_name, name)
) WITHOUT ROWID;
CREATE INDEX schedule_next ON schedule (next) WHERE next IS NOT NULL;

-- Runs that are due and that no target has taken over yet.
CREATE TABLE run (
	id         TEXT PRIMARY KEY,
	group_name TEXT NOT NULL,
	name       TEXT NOT NULL,
	target     TEXT NOT NULL, -- JSON, as it was when the run became due
	scheduled  INTEGER NOT NULL,
	since      INTEGER NOT NULL, -- when it was to be tried first; its age counts from then
	due        INTEGER NOT NULL, -- when it is to be tried
	attempts   INTEGER NOT NULL,
	FOREIGN KEY (group_name, name) REFERENCES schedule (group_name, name) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX run_due ON run (due);
CREATE INDEX run_schedule ON run (group_name, name);
`}
}

func openFile(dir string) (*sqlfile.File, error) {
	return sqlfile.Open(filepath.Join(dir, "schedules.db"), migrations()) //nolint:wrapcheck // it says what it opens
}
