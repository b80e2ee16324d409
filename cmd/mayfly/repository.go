package main

import (
	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// repositoryFlags adds the flags about a sandbox's repository to a command.
// What it returns is to be called once they are read.
func repositoryFlags(cmd *cobra.Command, spec *events.RepositorySpec) (read func()) {
	var visibility string
	flags := cmd.Flags()
	flags.StringVar(&visibility, "repository", "", "private (default), public or none")
	flags.StringVar(&spec.KMSKey, "kms-key", "", "encrypt images by this KMS key (default AES-256 by a key of ECR's own)")
	scan := settingFlags(cmd, spec)
	complete(cmd, "repository", "private", "public", "none")
	return func() {
		spec.Visibility = events.Visibility(visibility)
		if flags.Changed("scan") {
			spec.ScanOnPush = scan
		}
	}
}

// settingFlags adds the flags about what can be changed at any time. scan is
// the value of one of them.
func settingFlags(cmd *cobra.Command, spec *events.RepositorySpec) (scan *bool) {
	flags := cmd.Flags()
	flags.BoolVar(&spec.ImmutableTags, "immutable-tags", false, "refuse a push of a tag that is there")
	flags.StringArrayVar(&spec.MutableTags, "mutable-tag", nil, "a tag that may move all the same, such as latest or dev-*; may be repeated")
	scan = flags.Bool("scan", true, "scan each image for known vulnerabilities when it is pushed")
	flags.IntVar(&spec.KeepImages, "keep-images", 0, "how many images are kept (default 50); the one that is deployed always is")
	flags.IntVar(&spec.KeepUntaggedDays, "keep-untagged-days", 0, "how many days an image without a tag is kept (default 7)")
	flags.StringArrayVar(&spec.Pushers, "pusher", nil, "who alone may push: an account, or a user's or role's ARN; may be repeated")
	flags.StringArrayVar(&spec.Pullers, "puller", nil, "who alone may pull, beside the pushers; may be repeated")
	return scan
}

// repositoryChangeFlags adds the flags that change a sandbox's repository. What
// it returns is to be called once they are read, and returns what they ask for;
// nil when none was given.
func repositoryChangeFlags(cmd *cobra.Command) (read func() *events.RepositoryChange) {
	var spec events.RepositorySpec
	flags := cmd.Flags()
	scan := settingFlags(cmd, &spec)
	return func() *events.RepositoryChange {
		var change events.RepositoryChange
		given := false
		for flag, take := range map[string]func(){
			"immutable-tags":     func() { change.ImmutableTags = &spec.ImmutableTags },
			"mutable-tag":        func() { change.MutableTags = named(spec.MutableTags) },
			"scan":               func() { change.ScanOnPush = scan },
			"keep-images":        func() { change.KeepImages = &spec.KeepImages },
			"keep-untagged-days": func() { change.KeepUntaggedDays = &spec.KeepUntaggedDays },
			"pusher":             func() { change.Pushers = named(spec.Pushers) },
			"puller":             func() { change.Pullers = named(spec.Pullers) },
		} {
			if flags.Changed(flag) {
				given = true
				take()
			}
		}
		if !given {
			return nil
		}
		return &change
	}
}

// named returns what was named in flags that may be repeated: one empty name is
// nobody.
func named(names []string) *[]string {
	if len(names) == 1 && names[0] == "" {
		names = []string{}
	}
	return &names
}

// deployFlags adds the flags that say what a push does. What it returns is to be
// called once they are read.
func deployFlags(cmd *cobra.Command, spec *events.DeploySpec) (read func() error) {
	var to string
	flags := cmd.Flags()
	flags.StringVar(&to, "deploy", "", "where a push goes: site (default), ecs:CLUSTER/SERVICE[/CONTAINER], eks:CLUSTER/NAMESPACE/DEPLOYMENT[/CONTAINER], lambda:FUNCTION[/ALIAS], or none")
	flags.StringArrayVar(&spec.Tags, "deploy-tag", nil, `which tags deploy: latest, v*, ^1.4, !*-debug; may be repeated (default every tag)`)
	complete(cmd, "deploy", "site", "ecs:", "eks:", "lambda:", "none")
	return func() error {
		if to == "" {
			return nil
		}
		destination, err := sandbox.ParseDestination(to)
		if err != nil {
			return &usageError{message: "--deploy: " + err.Error(), command: cmd}
		}
		destination.Tags = spec.Tags
		*spec = destination
		return nil
	}
}

func complete(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

// shortImage shows an image as its tag and the begin of its digest.
func shortImage(image events.Image) string {
	if image.Digest == "" {
		return ""
	}
	return sandbox.ShortImage(image.Digest, image.Tag)
}
