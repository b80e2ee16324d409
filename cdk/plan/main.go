package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: plan FOLDER, which is cdk.out after make synth")
		os.Exit(2)
	}
	plan, err := Read(os.Args[1])
	if err == nil {
		_, err = plan.WriteTo(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mayfly:", err)
		os.Exit(1)
	}
}
