package identity

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/mayfly-dev/mayfly/access"
)

// provider checks the tokens of one identity provider.
type provider struct {
	JWT
	key     crypto.PublicKey
	methods []string
	rules   access.Rules
}

// provider returns the provider that j describes, or what is wrong with it.
func (j *JWT) provider() (*provider, error) {
	if j.Issuer == "" || len(j.Audience) == 0 || slices.Contains(j.Audience, "") {
		return nil, errors.New("jwt: issuer and audience must be given: a token of another issuer, or for something else, must not pass")
	}
	p := &provider{JWT: *j}
	if key, err := jwt.ParseRSAPublicKeyFromPEM([]byte(j.PublicKey)); err == nil {
		p.key, p.methods = key, []string{"RS256", "RS384", "RS512"}
	} else if key, err := jwt.ParseECPublicKeyFromPEM([]byte(j.PublicKey)); err == nil {
		p.key, p.methods = key, []string{"ES256", "ES384", "ES512"}
	} else {
		return nil, errors.New("jwt: publicKey must be an RSA or ECDSA public key in PEM")
	}
	var err error
	p.rules, err = access.ReadRules(func(name string) string {
		return map[string]string{
			"MAYFLY_ADMINS": strings.Join(j.Admins, " "), "MAYFLY_READERS": strings.Join(j.Readers, " "),
			"MAYFLY_JWT_NAME_CLAIM": j.NameClaim, "MAYFLY_JWT_ROLE_CLAIM": j.RoleClaim,
		}[name]
	})
	if err != nil {
		return nil, fmt.Errorf("jwt: %w", err)
	}
	return p, nil
}

// identify returns who has a token, as API Gateway checks one: its signature,
// iss, aud or client_id, exp, which it must have, nbf and iat.
func (p *provider) identify(token string, now time.Time) (access.Identity, error) {
	claims := jwt.MapClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods(p.methods), jwt.WithIssuer(p.Issuer), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithJSONNumber())
	if _, err := parser.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return p.key, nil }); err != nil {
		return access.Identity{}, err
	}
	audience, err := claims.GetAudience()
	if err != nil {
		return access.Identity{}, err
	}
	if client, ok := claims["client_id"].(string); ok && len(audience) == 0 {
		audience = []string{client}
	}
	if !slices.ContainsFunc(audience, func(one string) bool { return slices.Contains(p.Audience, one) }) {
		return access.Identity{}, jwt.ErrTokenInvalidAudience
	}
	flat := make(map[string]string, len(claims))
	for name, value := range claims {
		if value != nil { // null says nothing
			flat[name] = asText(value)
		}
	}
	return p.rules.JWT(flat)
}

// asText writes a claim as API Gateway hands it over.
func asText(value any) string {
	list, ok := value.([]any)
	if !ok {
		return fmt.Sprint(value)
	}
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = fmt.Sprint(one)
	}
	return "[" + strings.Join(texts, " ") + "]"
}
