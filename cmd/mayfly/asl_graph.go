package main

import (
	"github.com/spf13/cobra"
)

func (a *app) aslGraphCommand() *cobra.Command {
	var flags aslFlags
	cmd := &cobra.Command{
		Use:   "graph FILE",
		Short: "Draw a state machine as a Mermaid diagram",
		Long: `Draw a state machine as a Mermaid state diagram, which GitHub shows in a fenced block of the language mermaid.
Placeholders need no value for that.`,
		Args: exactArgs("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := a.readDefinition(args[0], append([]string{"*=arn:aws:lambda:us-east-1:000000000000:function:*"}, flags.substitutes...))
			if err != nil {
				return err
			}
			m, err := a.machine(d, flags.options())
			if err != nil {
				return err
			}
			if a.json() {
				return a.printValue(map[string]string{"mermaid": m.Mermaid()})
			}
			a.printf("%s", m.Mermaid())
			return nil
		},
	}
	flags.add(cmd)
	return cmd
}
