package access

import (
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/pattern"
)

// Rules say which role a caller has, and what it is called.
type Rules struct {
	// Admins and Readers are who has these roles; an admin is one even when it
	// is a reader too. An entry is the ARN of a user, of a role or of a role's
	// sessions, in which * stands for any text and ? for one character, or, for
	// tokens, a value of the claim RoleClaim.
	Admins, Readers []string
	// NamedSessions are the names of the roles, with * and ?, whose sessions'
	// names an identity provider sets: their people are told apart by it. Of
	// other roles, whoever assumes one says what its session is called.
	NamedSessions []string
	// NameClaim is the claim of a token that names the owner, and RoleClaim the
	// one whose values Admins and Readers have.
	NameClaim, RoleClaim string
}

// The rules when nothing is set.
const (
	// DefaultNameClaim never changes hands and is never reused (RFC 7519).
	DefaultNameClaim = "sub"
	// DefaultRoleClaim is where Amazon Cognito has a user's groups.
	DefaultRoleClaim = "cognito:groups"
	// DefaultNamedSessions are the roles of IAM Identity Center, whose sessions
	// have the user's name there.
	DefaultNamedSessions = "AWSReservedSSO_*"
)

var (
	// A role's path is not in the ARNs of its sessions, so that one with a path
	// must be named to the letter.
	wildPath   = pattern.Of(`:role/.*/[^/]*[*?][^/]*$`)
	arnEntry   = pattern.Of(`^arn:[\w*-]+:(iam|sts)::([0-9*?]{1,12}):(root|(user|role|assumed-role|federated-user)/[\w+=,.@/*?-]{1,600}|\*)$`)
	claimEntry = pattern.Of(`^[^\s,*?\[\]]{1,256}$`)
	claimName  = pattern.Of(`^[\w:./-]{1,128}$`)
	roleName   = pattern.Of(`^[\w+=,.@*?-]{1,64}$`)
)

// ReadRules reads the rules from the environment: MAYFLY_ADMINS, MAYFLY_READERS
// and MAYFLY_NAMED_SESSIONS are lists, separated by spaces; MAYFLY_JWT_NAME_CLAIM
// and MAYFLY_JWT_ROLE_CLAIM are names of claims. It returns an error that names
// the variable and the entry that can't be one.
func ReadRules(getenv func(string) string) (Rules, error) {
	or := func(name, otherwise string) string {
		if text := getenv(name); text != "" {
			return text
		}
		return otherwise
	}
	r := Rules{
		Admins: strings.Fields(getenv("MAYFLY_ADMINS")), Readers: strings.Fields(getenv("MAYFLY_READERS")),
		NamedSessions: strings.Fields(or("MAYFLY_NAMED_SESSIONS", DefaultNamedSessions)),
		NameClaim:     or("MAYFLY_JWT_NAME_CLAIM", DefaultNameClaim), RoleClaim: or("MAYFLY_JWT_ROLE_CLAIM", DefaultRoleClaim),
	}
	return r, r.check()
}

func (r Rules) check() error {
	for setting, entries := range map[string][]string{"MAYFLY_ADMINS": r.Admins, "MAYFLY_READERS": r.Readers} {
		for _, entry := range entries {
			if !arnEntry().MatchString(entry) && (strings.HasPrefix(entry, "arn:") || !claimEntry().MatchString(entry)) {
				return fmt.Errorf("%s: %q must be the ARN of a user, a role or a role's sessions (* and ? allowed), or a value of the claim %s", setting, entry, r.RoleClaim)
			}
			if wildPath().MatchString(entry) {
				return fmt.Errorf("%s: %q must not have * or ? behind a path: AWS does not say in which path the role of a session is; name the role", setting, entry)
			}
		}
	}
	for _, name := range r.NamedSessions {
		if !roleName().MatchString(name) {
			return fmt.Errorf("MAYFLY_NAMED_SESSIONS: %q must be a role's name (* and ? allowed)", name)
		}
	}
	for setting, claim := range map[string]string{"MAYFLY_JWT_NAME_CLAIM": r.NameClaim, "MAYFLY_JWT_ROLE_CLAIM": r.RoleClaim} {
		if !claimName().MatchString(claim) {
			return fmt.Errorf("%s: %q must be the name of a claim", setting, claim)
		}
	}
	return nil
}

// role returns the role of whom a match knows.
func (r Rules) role(is func(entry string) bool) Role {
	for _, list := range []struct {
		entries []string
		role    Role
	}{{r.Admins, Admin}, {r.Readers, Reader}} {
		for _, entry := range list.entries {
			if is(entry) {
				return list.role
			}
		}
	}
	return Owner
}

// like reports whether text is what a pattern says: * is any text, ? any one
// character.
func like(pattern, text string) bool {
	star, from := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
