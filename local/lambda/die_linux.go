package lambda

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends the process when this one is killed: a function that
// worked on without its Lambda would work behind the next one's back.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
