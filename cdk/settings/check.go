package settings

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	_ "time/tzdata" // the names of zones, wherever this runs

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/release"
)

var (
	// A stage is in the name of everything; the upload bucket's, with an account
	// and a region behind it, may have 63 characters.
	stagePattern   = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	// versionPattern keeps to what Lambda's environment and a header may hold.
	versionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)
)

// logDays are the retentions that CloudWatch Logs knows, in days.
func logDays() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
}

// Notices are the kinds of notices that people can be told of: sandboxes that
// are about to fall asleep or end, budgets that are nearly or wholly used up, and
// what nights leave to a person.
func Notices() []string { return []string{"warnings", "budgets", "nights"} }

// check returns what is wrong with the settings by themselves and together.
func (s Settings) check() []error {
	var errs []error
	refuse := func(when bool, format string, args ...any) {
		if when {
			errs = append(errs, fmt.Errorf("context mayfly:"+format, args...))
		}
	}
	refuse(!stagePattern.MatchString(s.Stage), "stage %q: must be 1 to 12 of a-z and 0-9, beginning with a letter: it is in the name of everything, and a bucket's name ends at 63 characters", s.Stage)
	if err := checkRegion(s.Region); err != nil {
		errs = append(errs, err)
	}
	refuse(s.Version != "" && !versionPattern.MatchString(s.Version), "version %q: must be 1 to 64 letters, digits and . _ + -", s.Version)
	for _, address := range s.Notify {
		parsed, err := mail.ParseAddress(address)
		refuse(err != nil || parsed.Address != address, "notify %q: must be e-mail addresses", address)
	}
	for _, kind := range s.NotifyOf {
		refuse(!slices.Contains(Notices(), kind), "notifyOf %q: must be some of %s", kind, strings.Join(Notices(), ", "))
	}
	refuse(len(s.Notify) > 10, "notify: %d addresses; a budget tells 10 at most, so use a mailing list", len(s.Notify))
	refuse(!slices.Contains(logDays(), s.LogDays), "logDays %d: CloudWatch Logs keeps logs for %s days", s.LogDays, strings.Trim(fmt.Sprint(logDays()), "[]"))
	for _, account := range s.PushAccounts {
		refuse(!accountPattern.MatchString(account), "pushAccounts %q: must be account ids of 12 digits, as text", account)
	}
	if _, err := release.ParseLimits(s.Limits); err != nil {
		errs = append(errs, fmt.Errorf("context mayfly:limits: %w", err))
	}
	for _, entry := range slices.Concat(s.Admins, s.Readers, s.NamedSessions) {
		refuse(strings.ContainsAny(entry, " \t\r\n"), "admins, readers or namedSessions: %q must not have spaces: it would be two entries", entry)
	}
	if _, err := access.ReadRules(func(name string) string { return s.Roles()[name] }); err != nil {
		errs = append(errs, fmt.Errorf("context mayfly:admins, readers, namedSessions, jwtNameClaim or jwtRoleClaim: %w", err))
	}
	for _, origin := range s.Console {
		err := access.CheckOrigin(origin)
		refuse(err != nil, "console: %w", err)
	}
	errs = append(errs, s.Targets.check(s.Region)...)
	return append(errs, s.JWT.check()...)
}

func (j JWT) check() []error {
	var errs []error
	switch {
	case j.Issuer == "" && len(j.Audience) > 0:
		errs = append(errs, fmt.Errorf("context mayfly:jwtAudience %q without mayfly:jwtIssuer: name the issuer too, or neither, and the API asks for IAM", j.Audience))
	case j.Issuer != "" && len(j.Audience) == 0:
		errs = append(errs, fmt.Errorf("context mayfly:jwtIssuer %q without mayfly:jwtAudience: any of the issuer's tokens would do; name the audience too", j.Issuer))
	}
	if j.Issuer == "" {
		return errs
	}
	if at, err := url.Parse(j.Issuer); err != nil || at.Scheme != "https" || at.Host == "" || at.RawQuery != "" || at.Fragment != "" || at.User != nil {
		errs = append(errs, fmt.Errorf("context mayfly:jwtIssuer %q: must be an https URL, as the token's iss has it", j.Issuer))
	}
	return errs
}
