package access

import (
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/pattern"
)

// IAM returns who an IAM principal is, by the ARN that AWS calls it and the
// account that the API is in. It returns an *UnknownError for what is no ARN of
// a principal.
//
// A user is called by its name, and a role's session "role." and the role's
// name: what a session is called is up to whoever begins it. Only where an
// identity provider sets that name (see Rules.NamedSessions), the session is
// called by it. Principals of other accounts have the account's number behind
// their name. A user or a session whose own name is like what others are called
// here gets a digest, so that nobody owns what is another's by its name.
func (r Rules) IAM(arn, account string) (Identity, error) {
	p, ok := parsePrincipal(arn)
	if !ok {
		return Identity{}, &UnknownError{Reason: "the request is signed by what is no user, role or session: " + arn}
	}
	called, chosen := p.name, p.kind == "user"
	switch p.kind {
	case "assumed-role":
		called = "role." + p.name
		if p.account == account && slices.ContainsFunc(r.NamedSessions, func(pattern string) bool { return like(pattern, p.name) }) {
			called, chosen = p.session, true
		}
	case "federated-user":
		called = "federated." + p.name
	}
	switch {
	case chosen && derived().MatchString(called):
		called = "user/" + p.account + "/" + called // which has a digest, and no name has a slash
	case p.account != account:
		called += "@" + p.account
	}
	known := p.arns()
	role := r.role(func(entry string) bool {
		return slices.ContainsFunc(known, func(arn string) bool { return likeARN(withoutPath(entry), arn) })
	})
	return Identity{Principal: arn, Name: NameOf(called), Role: role}, nil
}

// derived are the names that IAM makes of what is not called so itself.
var derived = pattern.Of(`^(root$|role\.|federated\.|seat\.)|@[0-9]{12}$`)

// principal is the ARN of a principal, taken apart.
type principal struct {
	partition, account, kind, name, session string
	arn                                     string
}

var principalARN = pattern.Of(`^arn:([\w-]+):(?:iam|sts)::([0-9]{12}):(?:(root)|(user|role|federated-user)/(?:[\x21-\x7e]*/)?([\w+=,.@-]{1,128})|(assumed-role)/([\w+=,.@-]{1,64})/([\w+=,.@:-]{1,128}))$`)

func parsePrincipal(arn string) (principal, bool) {
	m := principalARN().FindStringSubmatch(arn)
	if m == nil {
		return principal{}, false
	}
	p := principal{partition: m[1], account: m[2], arn: arn}
	switch {
	case m[3] != "":
		p.kind, p.name = "root", "root"
	case m[4] != "":
		p.kind, p.name = m[4], m[5]
	default:
		p.kind, p.name, p.session = m[6], m[7], m[8]
	}
	return p, true
}

// arns returns the ARNs that a principal may be named by in the rules: its own
// without a path, and of a session its role's.
func (p principal) arns() []string {
	own := withoutPath(p.arn)
	if p.kind != "assumed-role" {
		return []string{own}
	}
	return []string{own, "arn:" + p.partition + ":iam::" + p.account + ":role/" + p.name}
}

// withoutPath takes the path out of a role's ARN: names are unique without, and
// the ARNs of sessions do not have it. A user's stays.
func withoutPath(arn string) string {
	before, rest, ok := strings.Cut(arn, ":role/")
	if !ok {
		return arn
	}
	return before + ":role/" + rest[strings.LastIndex(rest, "/")+1:]
}

// likeARN matches part by part, so that a * does not go beyond its own.
func likeARN(pattern, arn string) bool {
	want, have := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if !like(want[i], have[i]) {
			return false
		}
	}
	return true
}
