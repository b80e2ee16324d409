package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// leastNode is the oldest Node.js that the CDK's library runs on.
const leastNode = 20

// builtSteps returns the names of the functions, sorted. A function is a folder
// of functions/ that has a main; each must have a bootstrap in build.
func builtSteps(functions, build string) ([]string, error) {
	mains, err := filepath.Glob(filepath.Join(functions, "*", "lambda", "main.go"))
	if err != nil { // the pattern is ours
		return nil, fmt.Errorf("list functions: %w", err)
	}
	if len(mains) == 0 {
		return nil, fmt.Errorf("there are no functions in %s: run this from the repository's top", functions)
	}
	var names, missing []string
	for _, main := range mains {
		name := filepath.Base(filepath.Dir(filepath.Dir(main)))
		names = append(names, name)
		if at, err := os.Stat(filepath.Join(build, name, "bootstrap")); err != nil || !at.Mode().IsRegular() {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%d of %d functions are not built in %s (%s): run make build", len(missing), len(names), build, strings.Join(missing, ", "))
	}
	return names, nil
}

// checkNode says which Node.js is missing, before the CDK's runtime fails on it
// with less to go by.
func checkNode(lookPath func(string) (string, error), version func(path string) (string, error)) error {
	path, err := lookPath("node")
	if err != nil {
		return fmt.Errorf("the CDK needs Node.js %d or later, and there is no node on the PATH (%w): install it from https://nodejs.org/ or your system's packages", leastNode, err)
	}
	text, err := version(path)
	if err != nil {
		return fmt.Errorf("the CDK needs Node.js %d or later; %s does not run: %w", leastNode, path, err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < leastNode {
		return fmt.Errorf("the CDK needs Node.js %d or later; %s is %s: install a later one from https://nodejs.org/ or your system's packages", leastNode, path, strings.TrimSpace(text))
	}
	return nil
}

// nodeVersion asks a node for its version.
func nodeVersion(path string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	return string(out), err
}
