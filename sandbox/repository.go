package sandbox

import (
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/pattern"
)

// The values that an empty field of a repository's spec stands for.
const (
	DefaultKeepImages       = 50
	DefaultKeepUntaggedDays = 7
)

// The limits of a repository's spec. ECR takes five tags that may move in an
// immutable repository, and one is Mayfly's own LiveTag.
const (
	maxMutableTags = 4
	maxPrincipals  = 20
	maxKeep        = 1000
)

var (
	mutableTagPattern = pattern.Of(`^[0-9a-zA-Z._*-]{1,128}$`)
	kmsKeyPattern     = pattern.Of(`^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key/[0-9a-zA-Z-]{1,128}|alias/[0-9a-zA-Z/_-]{1,250})|alias/[0-9a-zA-Z/_-]{1,250}|mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
	principalPattern  = pattern.Of(`^([0-9]{12}|arn:aws[a-z-]*:iam::[0-9]{12}:(root|(user|role)/[A-Za-z0-9+=,.@_/-]{1,512}))$`)
)

// RepositoryName returns the name of a sandbox's repository: its own, after
// the prefix that an installation has all its repositories under.
func RepositoryName(prefix, name string) string { return prefix + name }

// NameOfRepository returns the name of the sandbox whose repository one is, as
// far as its name tells; false when it can be none's.
func NameOfRepository(prefix, repository string) (string, bool) {
	name, ok := strings.CutPrefix(repository, prefix)
	return name, ok && CheckName(name) == nil
}

// repositoryDefaults fills in what is empty. What public repositories do not
// have stays empty.
func repositoryDefaults(spec events.RepositorySpec) events.RepositorySpec {
	if spec.Visibility == "" {
		spec.Visibility = events.VisibilityPrivate
	}
	if spec.Visibility != events.VisibilityPrivate {
		return spec
	}
	if spec.ScanOnPush == nil {
		scan := true
		spec.ScanOnPush = &scan
	}
	if spec.KeepImages == 0 {
		spec.KeepImages = DefaultKeepImages
	}
	if spec.KeepUntaggedDays == 0 {
		spec.KeepUntaggedDays = DefaultKeepUntaggedDays
	}
	return spec
}

// deployDefaults fills in what a push does: it deploys to the site, where there
// are both a site and a repository whose pushes are told of. AWS tells of none
// to a public repository.
func deployDefaults(spec events.Spec) events.DeploySpec {
	if spec.Deploy.Target == "" {
		spec.Deploy.Target = events.TargetSite
		if spec.Delivery == events.DeliveryNone || spec.Repository.Visibility != events.VisibilityPrivate {
			spec.Deploy.Target = events.TargetNone
		}
	}
	return destinationDefaults(spec.Deploy)
}

// checkRepository reports every rule that a repository's spec breaks.
func checkRepository(spec events.RepositorySpec, wrong func(field, value, rule string)) {
	private, none := spec.Visibility == events.VisibilityPrivate, spec.Visibility == events.VisibilityNone
	if private {
		checkPrivate(spec, wrong)
	}
	for _, one := range []struct {
		field string
		set   bool
	}{
		{"immutableTags", !private && spec.ImmutableTags},
		{"mutableTags", !private && len(spec.MutableTags) > 0},
		{"kmsKey", !private && spec.KMSKey != ""},
		{"scanOnPush", !private && spec.ScanOnPush != nil},
		{"keepImages", !private && spec.KeepImages != 0},
		{"keepUntaggedDays", !private && spec.KeepUntaggedDays != 0},
		{"pushers", none && len(spec.Pushers) > 0},
		{"pullers", !private && len(spec.Pullers) > 0},
	} {
		if one.set {
			wrong("repository."+one.field, "", "left out when visibility is "+string(spec.Visibility))
		}
	}
	checkPrincipals("repository.pushers", spec.Pushers, wrong)
	checkPrincipals("repository.pullers", spec.Pullers, wrong)
}

// CheckRepositoryChange returns a FieldErrors with what AWS does not change of a
// repository that is there; nil when nothing of that is asked for.
func CheckRepositoryChange(from, to events.RepositorySpec) error {
	var broken FieldErrors
	if from.Visibility != to.Visibility {
		broken = append(broken, &FieldError{Field: "repository.visibility", Value: string(to.Visibility),
			Rule: fmt.Sprintf("%s as it is: AWS does not change who may see a repository; make another sandbox", from.Visibility)})
	}
	if from.KMSKey != to.KMSKey {
		broken = append(broken, &FieldError{Field: "repository.kmsKey", Value: to.KMSKey,
			Rule: "as it is: AWS does not change a repository's encryption; make another sandbox"})
	}
	return broken.orNil()
}

func checkPrincipals(field string, principals []string, wrong func(field, value, rule string)) {
	if len(principals) > maxPrincipals {
		wrong(field, fmt.Sprint(len(principals)), fmt.Sprintf("at most %d", maxPrincipals))
	}
	for _, principal := range principals {
		if !principalPattern().MatchString(principal) {
			wrong(field, principal, "accounts (12 digits) and ARNs of users and roles, such as arn:aws:iam::111122223333:role/ci")
		}
	}
}

func checkPrivate(spec events.RepositorySpec, wrong func(field, value, rule string)) {
	if len(spec.MutableTags) > 0 && !spec.ImmutableTags {
		wrong("repository.mutableTags", strings.Join(spec.MutableTags, ", "), "left out unless immutableTags is true")
	}
	if len(spec.MutableTags) > maxMutableTags {
		wrong("repository.mutableTags", fmt.Sprint(len(spec.MutableTags)), fmt.Sprintf("at most %d", maxMutableTags))
	}
	for _, tag := range spec.MutableTags {
		if !mutableTagPattern().MatchString(tag) || strings.Count(tag, "*") > 2 {
			wrong("repository.mutableTags", tag, "letters, digits, . _ - and at most two *")
		}
	}
	if spec.KMSKey != "" && !kmsKeyPattern().MatchString(spec.KMSKey) {
		wrong("repository.kmsKey", spec.KMSKey, "a KMS key's id, ARN or alias (alias/NAME)")
	}
	if spec.KeepImages < 1 || spec.KeepImages > maxKeep {
		wrong("repository.keepImages", fmt.Sprint(spec.KeepImages), fmt.Sprintf("1 to %d", maxKeep))
	}
	if spec.KeepUntaggedDays < 1 || spec.KeepUntaggedDays > maxKeep {
		wrong("repository.keepUntaggedDays", fmt.Sprint(spec.KeepUntaggedDays), fmt.Sprintf("1 to %d", maxKeep))
	}
}

// checkDeploy reports every rule that the spec breaks in what a push does.
func checkDeploy(spec events.Spec, wrong func(field, value, rule string)) {
	if _, err := ParseTagRules(spec.Deploy.Tags); err != nil {
		for _, one := range err.(FieldErrors) { //nolint:errorlint // ParseTagRules returns no other
			wrong(one.Field, one.Value, one.Rule)
		}
	}
	checkDestination(spec, wrong)
	switch {
	case spec.Deploy.Target != events.TargetSite:
	case spec.Delivery == events.DeliveryNone:
		wrong("deploy.target", string(events.TargetSite), "none with delivery none, for there is no site")
	case spec.Repository.Visibility != events.VisibilityPrivate:
		wrong("deploy.target", string(events.TargetSite), "none unless the repository is private: AWS tells of no push to a public one")
	}
}
