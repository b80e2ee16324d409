// Package sandbox is the domain: what a sandbox is, the phases it goes
// through, what was made for it (the ledger), its releases, what happened to
// it, and how long things take. It says what it needs of a store ([Store])
// and knows no cloud: packages dynamo and sqlite implement the store, and
// package storetest holds the suite that both pass.
package sandbox
