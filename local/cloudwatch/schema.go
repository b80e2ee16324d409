package cloudwatch

// migrations brings a file from version i to version i+1, by index. What is
// here was released and never changes; a new version is one more entry.
func migrations() []string {
	return []string{`
CREATE TABLE metric (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	namespace  TEXT NOT NULL,
	name       TEXT NOT NULL,
	dimensions TEXT NOT NULL, -- JSON, in the order of their names
	seen       INTEGER NOT NULL, -- the time of its latest data; times are in seconds since 1970
	UNIQUE (namespace, name, dimensions)
);

-- What was measured in the span of seconds that begins at a time.
CREATE TABLE point (
	metric INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
	at     INTEGER NOT NULL,
	span   INTEGER NOT NULL, -- 1, 60, 300 or 3600 seconds
	unit   TEXT NOT NULL,
	count  REAL NOT NULL,
	sum    REAL NOT NULL,
	low    REAL NOT NULL,
	high   REAL NOT NULL,
	PRIMARY KEY (metric, at, span, unit)
) WITHOUT ROWID;
CREATE INDEX point_age ON point (span, at);

-- How often values of a size were measured, where each is known: for percentiles.
CREATE TABLE spread (
	metric INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
	at     INTEGER NOT NULL,
	span   INTEGER NOT NULL,
	unit   TEXT NOT NULL,
	bucket INTEGER NOT NULL, -- see bucketOf
	count  REAL NOT NULL,
	PRIMARY KEY (metric, at, span, unit, bucket)
) WITHOUT ROWID;
CREATE INDEX spread_age ON spread (span, at);
`}
}
