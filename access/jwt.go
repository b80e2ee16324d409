package access

import (
	"slices"
	"strings"
)

// JWT returns who has a token, by the claims of one that is checked: signature,
// issuer, audience and times. It returns an *UnknownError when the claim that
// names people is missing, or is an email address that nobody has verified.
func (r Rules) JWT(claims map[string]string) (Identity, error) {
	name, subject := claims[r.NameClaim], claims["sub"]
	if name == "" {
		return Identity{}, &UnknownError{Reason: "the token has no claim " + r.NameClaim + ", which says who has it"}
	}
	if r.NameClaim == "email" && claims["email_verified"] != "true" {
		return Identity{}, &UnknownError{Reason: "the token's email address is not verified (claim email_verified)"}
	}
	if subject == "" {
		subject = name
	}
	values := claimValues(claims[r.RoleClaim])
	role := r.role(func(entry string) bool { return slices.Contains(values, entry) })
	if IsSeat(name) {
		name = claims["iss"] + "#" + name // which has a digest, and is no seat's
	}
	return Identity{Principal: claims["iss"] + "#" + subject, Name: NameOf(name), Role: role}, nil
}

// claimValues returns the values of a claim. API Gateway hands a list over as
// "[a b]", and a scope is a list with spaces by itself (RFC 8693).
func claimValues(claim string) []string {
	if inside, ok := strings.CutPrefix(claim, "["); ok {
		claim = strings.TrimSuffix(inside, "]")
	}
	return strings.Fields(claim)
}
