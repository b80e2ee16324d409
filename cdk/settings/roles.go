package settings

import "strings"

// Roles returns the variables of the API function that say who may do what, as
// access.ReadRules reads them. What is not set is not there.
func (s Settings) Roles() map[string]string {
	all := map[string]string{
		"MAYFLY_ADMINS": strings.Join(s.Admins, " "), "MAYFLY_READERS": strings.Join(s.Readers, " "),
		"MAYFLY_NAMED_SESSIONS": strings.Join(s.NamedSessions, " "),
		"MAYFLY_JWT_NAME_CLAIM": s.JWT.NameClaim, "MAYFLY_JWT_ROLE_CLAIM": s.JWT.RoleClaim,
	}
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return all
}
