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
	var scan bool
	flags := cmd.Flags()
	flags.StringVar(&visibility, "repository", "", "private (default), public or none")
	flags.BoolVar(&spec.ImmutableTags, "immutable-tags", false, "refuse a push of a tag that is there")
	flags.StringArrayVar(&spec.MutableTags, "mutable-tag", nil, "a tag that may move all the same, such as latest or dev-*; may be repeated")
	flags.StringVar(&spec.KMSKey, "kms-key", "", "encrypt images by this KMS key (default AES-256 by a key of ECR's own)")
	flags.BoolVar(&scan, "scan", true, "scan each image for known vulnerabilities when it is pushed")
	flags.IntVar(&spec.KeepImages, "keep-images", 0, "how many images are kept (default 50); the one that is deployed always is")
	flags.StringArrayVar(&spec.Pushers, "pusher", nil, "who alone may push: an account, or a user's or role's ARN; may be repeated")
	flags.StringArrayVar(&spec.Pullers, "puller", nil, "who alone may pull, beside the pushers; may be repeated")
	complete(cmd, "repository", "private", "public", "none")
	return func() {
		spec.Visibility = events.Visibility(visibility)
		if flags.Changed("scan") {
			spec.ScanOnPush = &scan
		}
	}
}

// deployFlags adds the flags that say what a push does.
func deployFlags(cmd *cobra.Command, spec *events.DeploySpec) (read func()) {
	var target string
	flags := cmd.Flags()
	flags.StringVar(&target, "deploy", "", "what a push deploys to: site (default), or none")
	flags.StringArrayVar(&spec.Tags, "deploy-tag", nil, `which tags deploy: latest, v*, ^1.4, !*-debug; may be repeated (default every tag)`)
	complete(cmd, "deploy", "site", "none")
	return func() { spec.Target = events.Target(target) }
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
