// Command mayfly makes short-lived sites, and runs the cloud that they live in
// on one machine.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainCode()) }

// mainCode runs the command line and returns its exit code: 0, 1 when what was
// asked for failed, 2 when it could not be understood.
func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return newApp(os.Stdout, os.Stderr, os.Getenv).run(ctx, os.Args[1:])
}
