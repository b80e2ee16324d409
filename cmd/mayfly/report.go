package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
)

// usageError is a command line that can't be understood.
type usageError struct {
	message string
	command *cobra.Command
}

func (e *usageError) Error() string { return e.message }

// adviceError is an error with what to do about it.
type adviceError struct {
	err    error
	advice string
}

func (e *adviceError) Error() string { return e.err.Error() }
func (e *adviceError) Unwrap() error { return e.err }

func advise(err error, advice string, args ...any) error {
	return &adviceError{err: err, advice: fmt.Sprintf(advice, args...)}
}

// report says what happened, why, and what to do now.
func (a *app) report(err error) {
	var problem *client.ProblemError
	if errors.As(err, &problem) && a.json() && len(problem.Raw) > 0 {
		_, _ = fmt.Fprintln(a.err, strings.TrimSpace(string(problem.Raw)))
		return
	}
	to := visible{a.err} // an answer may repeat what was asked
	_, _ = fmt.Fprintf(to, "mayfly: %v\n", err)
	if advice := adviceFor(err); advice != "" {
		_, _ = fmt.Fprintln(to, advice)
	}
}

func adviceFor(err error) string {
	var (
		usage       *usageError
		given       *adviceError
		unreachable *client.UnreachableError
		problem     *client.ProblemError
		unsigned    *client.CredentialsError
	)
	switch {
	case errors.As(err, &given):
		return given.advice
	case errors.As(err, &usage) && usage.command != nil:
		return "See: " + usage.command.CommandPath() + " --help"
	case errors.As(err, &unreachable):
		return "Start it with: mayfly local   (or set MAYFLY_API to where it is)"
	case errors.As(err, &unsigned):
		return "Log in (aws sso login, aws configure), or name a profile: --profile, AWS_PROFILE"
	case errors.As(err, &problem):
		switch strings.TrimPrefix(problem.Problem.Type, "urn:mayfly:problem:") {
		case "unauthenticated":
			return "Say who you are: set MAYFLY_TOKEN, or sign with AWS credentials (AWS_PROFILE, --profile, --sign)"
		case "name-in-use":
			return "Choose another name, or see what is there: mayfly list"
		case "not-found":
			return "See what there is: mayfly list"
		case "release-under-way":
			return "Wait until it has ended: mayfly releases NAME"
		case "wrong-code":
			return "Look at it again, or ask who teaches the class"
		case "class-full", "class-ended":
			return "Ask who teaches the class"
		case "wrong-phase":
			return "See how it is: mayfly show NAME"
		}
	}
	return ""
}

// exactArgs wants as many arguments as it has names.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return &usageError{message: fmt.Sprintf("%s is missing", strings.Join(names[len(args):], " and ")), command: cmd}
		}
		if len(args) > len(names) {
			return &usageError{message: fmt.Sprintf("%q is one argument too many", args[len(names)]), command: cmd}
		}
		return nil
	}
}
