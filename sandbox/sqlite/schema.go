package sqlite

// migrations brings a file from version i to version i+1, by index. What is
// here was released and never changes; a new version is one more entry.
func migrations() []string {
	return []string{`
CREATE TABLE sandbox (
	name    TEXT PRIMARY KEY,
	id      TEXT NOT NULL,
	owner   TEXT NOT NULL,
	phase   TEXT NOT NULL,
	clean   INTEGER NOT NULL, -- 1 when the ledger is empty
	version INTEGER NOT NULL,
	body    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sandbox_owner ON sandbox (owner, name);
CREATE INDEX sandbox_phase ON sandbox (phase, name);

CREATE TABLE event (
	sandbox TEXT NOT NULL, -- the sandbox's id
	seq     INTEGER NOT NULL,
	body    TEXT NOT NULL,
	PRIMARY KEY (sandbox, seq)
) WITHOUT ROWID;

CREATE TABLE release (
	sandbox TEXT NOT NULL, -- the sandbox's id
	id      TEXT NOT NULL, -- sorts by time
	body    TEXT NOT NULL,
	PRIMARY KEY (sandbox, id)
) WITHOUT ROWID;

CREATE TABLE duration (
	seq  INTEGER PRIMARY KEY,
	what TEXT NOT NULL,
	at   INTEGER NOT NULL, -- nanoseconds since 1970
	took INTEGER NOT NULL  -- nanoseconds
);
CREATE INDEX duration_what ON duration (what, at, seq);

CREATE TABLE idempotency (
	key     TEXT PRIMARY KEY,
	expires INTEGER NOT NULL, -- nanoseconds since 1970
	body    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires);
`, `
CREATE TABLE audit (
	id        TEXT PRIMARY KEY, -- sorts by time
	sandbox   TEXT NOT NULL, -- the sandbox's name
	principal TEXT NOT NULL,
	owner     TEXT NOT NULL,
	body      TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_sandbox ON audit (sandbox, id);
CREATE INDEX audit_principal ON audit (principal, id);
CREATE INDEX audit_owner ON audit (owner, id);
`, `
CREATE TABLE estimate (
	month TEXT NOT NULL, -- YYYY-MM
	key   TEXT NOT NULL, -- the owner, the sandbox's name and its id
	body  TEXT NOT NULL,
	PRIMARY KEY (month, key)
) WITHOUT ROWID;
CREATE TABLE budget (
	owner TEXT PRIMARY KEY,
	body  TEXT NOT NULL
) WITHOUT ROWID;
`, `
CREATE TABLE class (
	name    TEXT PRIMARY KEY,
	owner   TEXT NOT NULL,
	version INTEGER NOT NULL,
	body    TEXT NOT NULL
) WITHOUT ROWID;
`, `
CREATE TABLE night (
	id      TEXT PRIMARY KEY, -- sorts by time
	current INTEGER NOT NULL, -- 1 while it is under way
	body    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX night_current ON night (current) WHERE current = 1;

CREATE TABLE night_item (
	night TEXT NOT NULL,
	name  TEXT NOT NULL, -- the sandbox's
	body  TEXT NOT NULL,
	PRIMARY KEY (night, name)
) WITHOUT ROWID;

CREATE TABLE line (
	name TEXT PRIMARY KEY,
	free INTEGER NOT NULL -- when the next place in it is free, in nanoseconds since 1970
) WITHOUT ROWID;
`}
}
