//go:build !linux

package lambda

import "os/exec"

// dieWithParent does nothing here: the process ends when it asks this one for
// its next invocation and finds nobody.
func dieWithParent(*exec.Cmd) {}
