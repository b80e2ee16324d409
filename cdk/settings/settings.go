// Package settings reads what an installation on AWS is to be like from the
// CDK's context, and refuses what can't work before anything is synthesized.
package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/night"
)

// Prefix is what the context's keys begin with that are Mayfly's.
const Prefix = "mayfly:"

// Settings say what one installation is like. Those that Parse returns have
// been checked.
type Settings struct {
	// Stage names the installation; several may live in one account.
	Stage string
	// Region is where everything is but CloudFront.
	Region string
	// Build is the folder with a folder for each function.
	Build string
	// Version is what the API says that it is; empty for an unnamed build.
	Version string

	// Nightly is when the nightly machine starts, and Costs when what is to be known
	// by then is estimated: both at a time that is there every day.
	Nightly, Costs night.Hour

	// Notify are the e-mail addresses that alarms, the budget and notices go to, and
	// NotifyOf the kinds of notices.
	Notify, NotifyOf []string
	// BudgetUSD is what the account may cost in a month, in USD, before people
	// are told; 0 makes no budget.
	BudgetUSD int
	// LogDays is how many days logs are kept.
	LogDays int
	// Trail records each access to a site's and a release's objects.
	Trail bool

	// JWT is who vouches for the API's callers; without an issuer, IAM does.
	JWT JWT
	// Admins and Readers are who has these roles, and NamedSessions the roles
	// whose sessions an identity provider names, as access.Rules has them.
	Admins, Readers, NamedSessions []string
	// Console are the origins of the pages that may ask the API: where the console
	// was published.
	Console []string
	// Rate and Burst bound the API's requests: Rate a second on average, Burst
	// at once.
	Rate, Burst int
	// PushAccounts are other accounts whose pushes count here.
	PushAccounts []string

	// Targets are the services that images may be deployed to.
	Targets Targets

	// CloudFrontConcurrency bounds how many functions change distributions at
	// once, because CloudFront throttles an account's changes; 0 reserves
	// nothing, for accounts with few concurrent executions.
	CloudFrontConcurrency int
	// SweepsPerMinute is how many sandboxes with a distribution a night begins to
	// put to sleep or tear down in a minute, so that CloudFront does not throttle.
	SweepsPerMinute int
	// PropagationSeconds is how long CloudFront is expected to take until this
	// installation has learnt it.
	PropagationSeconds int
	// NoncurrentDays is how long a site's replaced files can be brought back.
	NoncurrentDays int
	// Limits bound a release's content, as release.ParseLimits reads them.
	Limits string
}

// JWT is an issuer of tokens whom the API believes.
type JWT struct {
	// Issuer is the https URL that its keys are found under.
	Issuer string
	// Audience are the values of aud that are meant for this API.
	Audience []string
	// NameClaim is the claim that names an owner, and RoleClaim the one whose
	// values Admins and Readers have; empty for access.Rules' defaults.
	NameClaim, RoleClaim string
}

// Prod reports whether what the installation keeps outlives its stack.
func (s Settings) Prod() bool { return s.Stage == "prod" }

// Name returns the installation's name of a thing.
func (s Settings) Name(of string) string { return "mayfly-" + s.Stage + "-" + of }

// UploadBucket returns the name of the bucket of archives and manifests. It is
// none of the sites' buckets, which begin with mayfly-: rights on those do not
// reach it.
func (s Settings) UploadBucket(account string) string {
	return "uploads-mayfly-" + s.Stage + "-" + account + "-" + s.Region
}

// Parse reads the settings from the CDK's context, in which other tools keep
// values too. Values may be typed, as cdk.json has them, or text, as the
// command line has them. The error tells everything that is wrong, a line
// each, and what to do about it. now is the time: a night must not begin at one
// that the clocks jump over in the years to come.
func Parse(context map[string]any, now time.Time) (Settings, error) {
	r := reader{context: context, known: make(map[string]bool)}
	zone := r.text("timeZone", "UTC")
	if !isZone(zone) {
		r.refuse("timeZone", zone, "the name of a zone, such as Europe/Berlin or UTC")
	}
	nightly, costs := r.nightly(zone, now)
	s := Settings{
		Nightly: nightly, Costs: costs,
		Stage: r.text("stage", "dev"), Region: r.text("region", "us-east-1"),
		Build: r.text("build", "build"), Version: r.text("version", ""),
		Notify: r.list("notify"), NotifyOf: r.list("notifyOf"), BudgetUSD: r.number("budgetUSD", 20, 0, 1_000_000),
		LogDays: r.number("logDays", 30, 1, 3653), Trail: r.flag("trail"),
		JWT:    JWT{Issuer: r.text("jwtIssuer", ""), Audience: r.list("jwtAudience"), NameClaim: r.text("jwtNameClaim", ""), RoleClaim: r.text("jwtRoleClaim", "")},
		Admins: r.list("admins"), Readers: r.list("readers"), NamedSessions: r.list("namedSessions"),
		Console: r.list("console"),
		Rate:    r.number("rate", 20, 1, 10_000), Burst: r.number("burst", 50, 1, 5_000),
		PushAccounts: r.list("pushAccounts"), Targets: r.targets(),
		CloudFrontConcurrency: r.number("cloudFrontConcurrency", 2, 0, 100),
		SweepsPerMinute:       r.number("sweepsPerMinute", 120, 1, 6000),
		PropagationSeconds:    r.number("propagationSeconds", 170, 10, 3600),
		NoncurrentDays:        r.number("noncurrentDays", 30, 1, 3650),
		Limits:                r.text("limits", ""),
	}
	if len(s.NotifyOf) == 0 {
		s.NotifyOf = Notices()
	}
	r.refuseUnknown()
	if err := errors.Join(append(r.errors, s.check()...)...); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// refuseUnknown finds keys that mean something to nobody: a mistyped one would
// leave its setting as it is, and say nothing.
func (r *reader) refuseUnknown() {
	for _, key := range slices.Sorted(maps.Keys(r.context)) {
		name, ours := cutPrefixFold(key, Prefix)
		if !ours || r.known[name] && strings.HasPrefix(key, Prefix) {
			continue
		}
		r.errors = append(r.errors, fmt.Errorf("context %s: there is no such setting; there are %s", key, strings.Join(slices.Sorted(maps.Keys(r.known)), ", ")))
	}
}

func cutPrefixFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}
