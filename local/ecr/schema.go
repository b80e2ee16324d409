package ecr

// migrations brings a file from version i to version i+1, by index. What is
// here was released and never changes; a new version is one more entry.
func migrations() []string {
	return []string{`
CREATE TABLE repository (
	id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, as names are
	visibility TEXT NOT NULL, -- private or public
	name       TEXT NOT NULL,
	created_at INTEGER NOT NULL, -- times are in milliseconds since 1970
	settings   TEXT NOT NULL, -- JSON
	pulls      INTEGER NOT NULL DEFAULT 0,
	pushes     INTEGER NOT NULL DEFAULT 0,
	UNIQUE (visibility, name)
);

CREATE TABLE image (
	id            INTEGER PRIMARY KEY,
	repository    INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
	digest        TEXT NOT NULL,
	media_type    TEXT NOT NULL,
	artifact_type TEXT NOT NULL,
	subject       TEXT NOT NULL, -- the digest of the manifest that it is about, or empty
	manifest      BLOB NOT NULL,
	size          INTEGER NOT NULL, -- bytes of layers and configuration, compressed
	pushed_at     INTEGER NOT NULL,
	pulled_at     INTEGER NOT NULL DEFAULT 0,
	archived_at   INTEGER NOT NULL DEFAULT 0, -- 0 when it is not in the archive
	activated_at  INTEGER NOT NULL DEFAULT 0,
	pulls         INTEGER NOT NULL DEFAULT 0,
	pushes        INTEGER NOT NULL DEFAULT 0,
	scan          TEXT NOT NULL DEFAULT '', -- JSON, empty when it never was scanned
	scanning      INTEGER NOT NULL DEFAULT 0, -- 1 while a scan is under way
	UNIQUE (repository, digest)
);
CREATE INDEX image_scanning ON image (id) WHERE scanning = 1;
CREATE INDEX image_subject ON image (repository, subject) WHERE subject <> '';

CREATE TABLE tag (
	repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
	tag        TEXT NOT NULL,
	digest     TEXT NOT NULL,
	tagged_at  INTEGER NOT NULL,
	PRIMARY KEY (repository, tag)
) WITHOUT ROWID;
CREATE INDEX tag_digest ON tag (repository, digest);

-- What a manifest names: blobs, and the manifests of an index.
CREATE TABLE reference (
	repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
	target     TEXT NOT NULL,
	digest     TEXT NOT NULL, -- of the manifest
	kind       TEXT NOT NULL, -- blob or manifest
	size       INTEGER NOT NULL, -- of a blob, in bytes
	PRIMARY KEY (repository, target, digest)
) WITHOUT ROWID;
CREATE INDEX reference_target ON reference (target) WHERE kind = 'blob';
CREATE INDEX reference_digest ON reference (repository, digest);

-- Events that happened and were not handed over yet: an event is written in
-- the transaction of what it tells of.
CREATE TABLE event (
	id   INTEGER PRIMARY KEY AUTOINCREMENT,
	body TEXT NOT NULL -- JSON
);

-- Settings of the registries themselves.
CREATE TABLE registry (
	name TEXT PRIMARY KEY,
	body TEXT NOT NULL -- JSON
) WITHOUT ROWID;
`}
}
