package ecr

import (
	"crypto/hmac"
	"encoding/base64"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type authorizationData struct {
	AuthorizationToken string        `json:"authorizationToken"`
	ExpiresAt          *awsjson.Time `json:"expiresAt"`
	ProxyEndpoint      string        `json:"proxyEndpoint,omitempty"`
}

type getAuthorizationTokenOutput struct {
	AuthorizationData []authorizationData `json:"authorizationData"`
}

// getAuthorizationToken answers with a login for whoever asks: what a client
// may do with it is what its caller may. There is one registry, whichever ids
// the request has.
func (s *Service) getAuthorizationToken(c *call, _ nothing) (getAuthorizationTokenOutput, error) {
	data, err := s.login(c)
	data.ProxyEndpoint = "http://" + s.o.Host
	return getAuthorizationTokenOutput{[]authorizationData{data}}, err
}

type getPublicAuthorizationTokenOutput struct {
	AuthorizationData authorizationData `json:"authorizationData"`
}

func (s *Service) getPublicAuthorizationToken(c *call, _ nothing) (getPublicAuthorizationTokenOutput, error) {
	data, err := s.login(c)
	return getPublicAuthorizationTokenOutput{data}, err
}

func (s *Service) login(c *call) (authorizationData, error) {
	password, expires, err := s.tokens.issue(c.who)
	if err != nil {
		return authorizationData{}, err
	}
	return authorizationData{AuthorizationToken: base64.StdEncoding.EncodeToString([]byte("AWS:" + password)), ExpiresAt: at(expires.UnixMilli())}, nil
}

// equal compares two signatures in a time that tells nothing.
func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
