// Package lifecycle decides what becomes of a sandbox that nobody uses: it is
// warned of, put to sleep, and torn down, each with a reason that a person can
// read. It decides from what it is handed, and does nothing by itself.
package lifecycle
