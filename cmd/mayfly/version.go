package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show which Mayfly this is",
		Args:  exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			if a.json() {
				return a.printValue(map[string]string{"version": version()})
			}
			a.printf("mayfly %s\n", version())
			return nil
		},
	}
}

// version is the module's version and, for a build from a checkout, the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := info.Main.Version
	if text == "" || text == "(devel)" {
		text = "devel"
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				text += "-" + setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	return text
}
