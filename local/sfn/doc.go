// Package sfn is AWS Step Functions over the engine of package asl: its API in
// AWS's JSON 1.0 protocol, a durable registry of state machines, versions,
// aliases, activities and tags, and the targets that Task states call.
//
// A Service is an http.Handler for the API, and the asl.TaskRunner of its
// engine. What it has acknowledged survives kill -9: the registry by writing a
// file anew and renaming it, executions by the engine's journal.
package sfn
