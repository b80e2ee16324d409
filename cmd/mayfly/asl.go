package main

import (
	"github.com/spf13/cobra"
)

func (a *app) aslCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "asl",
		Short: "Run, check and draw state machines of the Amazon States Language, without a cloud",
		Long: `Run, check and draw state machines of the Amazon States Language. These commands need nothing but the file.

  mayfly asl run order.asl.json --input '{"id": 7}' --task Charge=@charged.json
  mayfly asl validate *.asl.json
  mayfly asl graph order.asl.json > order.mmd`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.aslRunCommand(), a.aslValidateCommand(), a.aslGraphCommand())
	return cmd
}

// jsonFlag is --json, which is short for --output json.
func (a *app) jsonFlag(cmd *cobra.Command) {
	cmd.Flags().BoolFunc("json", "the same as --output json", func(string) error {
		a.format = "json"
		return nil
	})
}
