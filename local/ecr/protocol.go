package ecr

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/awsjson"
	"github.com/mayfly-dev/mayfly/local/iam"
)

// What stands before an operation's name in X-Amz-Target.
const (
	privateTarget = "AmazonEC2ContainerRegistry_V20150921."
	publicTarget  = "SpencerFrontendService."
)

// maxRequest holds a layer part of 20 MiB in base64, with room for the rest.
const maxRequest = 32 << 20

// A call is one request to the control plane.
type call struct {
	context.Context
	who      iam.Caller
	registry visibility
	remote   string
}

// An operation answers one kind of request.
type operation func(s *Service, c *call, body []byte) (any, error)

// target is what most requests say first: which repository they are about.
type target struct {
	RegistryID     string `json:"registryId,omitempty"`
	RepositoryName string `json:"repositoryName"`
}

func (t target) repository() target { return t }

// typed makes an operation of a method with its own request and answer. A
// request about a repository is checked before the method sees it: the
// registry is this account's, the repository exists, and the caller may.
func typed[In, Out any](action string, do func(*Service, *call, In) (Out, error)) operation {
	return func(s *Service, c *call, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, refuse("SerializationException", "%v", err)
		}
		if err := s.admitAny(c, action, in); err != nil {
			return nil, err
		}
		return do(s, c, in)
	}
}

// admitAny checks what a request is about, and that the caller may.
func (s *Service) admitAny(c *call, action string, in any) error {
	switch in := in.(type) {
	case interface{ repository() target }:
		return s.admit(c, action, in.repository())
	case interface{ resource() string }:
		name, err := s.repositoryOf(c.registry, in.resource())
		if err != nil {
			return err
		}
		return s.admit(c, action, target{RepositoryName: name})
	case interface{ repositories() []string }:
		for _, name := range in.repositories() {
			if err := s.admit(c, action, target{RepositoryName: name}); err != nil {
				return err
			}
		}
		if len(in.repositories()) > 0 {
			return nil
		}
		return s.may(c.who, c.registry.action(action), s.arn(c.registry, "*"), c.remote, "")
	}
	return s.may(c.who, c.registry.action(action), "*", c.remote, "")
}

// admit checks the part that all requests about a repository have.
func (s *Service) admit(c *call, action string, about target) error {
	if about.RegistryID != "" && about.RegistryID != s.o.Account {
		return s.noRepository(about.RepositoryName)
	}
	if about.RepositoryName == "" {
		return invalid("repositoryName", "must not be empty")
	}
	policy := ""
	found, err := s.find(c, s.store.reader, c.registry, about.RepositoryName)
	var missing *Error
	switch {
	case err == nil:
		policy = found.Policy
	case !errors.As(err, &missing) || missing.Code != "RepositoryNotFoundException":
		return err
	}
	return s.may(c.who, c.registry.action(action), s.arn(c.registry, about.RepositoryName), c.remote, policy)
}

// API answers calls to ECR.
func (s *Service) API() http.Handler { return s.handler(privateTarget, private, privateOperations()) }

// PublicAPI answers calls to ECR Public.
func (s *Service) PublicAPI() http.Handler {
	return s.handler(publicTarget, public, publicOperations())
}

func (s *Service) handler(prefix string, registry visibility, operations map[string]operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), prefix)
		do := operations[name]
		if r.Method != http.MethodPost || !ok || do == nil {
			s.refuseCall(w, refuse("UnknownOperationException", "The local ECR has no operation %q", name))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			s.refuseCall(w, refuse("SerializationException", "the request could not be read: %v", err))
			return
		}
		who, err := s.o.Principals.Caller(r)
		if err != nil {
			s.refuseCall(w, refuse("ExpiredTokenException", "%v", err))
			return
		}
		c := &call{Context: r.Context(), who: who, registry: registry, remote: r.RemoteAddr}
		out, err := do(s, c, body)
		s.tell(r, c, name, body, err)
		if err != nil {
			s.refuseCall(w, err)
			return
		}
		s.answer(w, http.StatusOK, out)
	})
}

func (s *Service) answer(w http.ResponseWriter, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"__type":"ServerException","message":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", s.newID())
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone
}

func (s *Service) refuseCall(w http.ResponseWriter, err error) {
	var refused *Error
	if !errors.As(err, &refused) {
		refused = s.failed("answer", err)
	}
	s.answer(w, refused.status(), struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		*lastByte
	}{refused.Code, refused.Message, refused.lastByte})
}

// at is milliseconds as a time; nil for 0, which is left out of answers.
func at(milliseconds int64) *awsjson.Time {
	if milliseconds == 0 {
		return nil
	}
	i := awsjson.Time(time.UnixMilli(milliseconds))
	return &i
}

type nothing struct{}
