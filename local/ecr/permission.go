package ecr

import (
	"net"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
)

// visibility is which of the two registries something is in.
type visibility string

const (
	private visibility = "private"
	public  visibility = "public"
)

// action is an operation as policies name it.
func (v visibility) action(operation string) string {
	if v == public {
		return "ecr-public:" + operation
	}
	return "ecr:" + operation
}

// arn is a repository's.
func (s *Service) arn(v visibility, name string) string {
	if v == public {
		return "arn:aws:ecr-public::" + s.o.Account + ":repository/" + name
	}
	return "arn:aws:ecr:" + s.o.Region + ":" + s.o.Account + ":repository/" + name
}

// may refuses what a caller may not do. The policy is the repository's, or
// empty; what it says of a resource, which it need not, is not asked: it is
// about its repository alone.
func (s *Service) may(who iam.Caller, action, resource, remote, policy string) error {
	var parsed *iam.Policy
	if policy != "" {
		var err error
		if parsed, err = iam.Parse(policy); err != nil {
			return s.failed("read a repository policy", err)
		}
		for i := range parsed.Statements {
			parsed.Statements[i].Resources, parsed.Statements[i].NotResources = nil, nil
		}
	}
	context := iam.Context{}
	now := s.now()
	context.Set("aws:CurrentTime", now.Format(time.RFC3339))
	context.Set("aws:PrincipalAccount", s.o.Account)
	context.Set("aws:ResourceAccount", s.o.Account)
	context.Set("aws:SecureTransport", "true") // see docs/adr/0007
	if !who.Anonymous() {
		context.Set("aws:PrincipalArn", who.PrincipalARN())
	}
	if host, _, err := net.SplitHostPort(remote); err == nil {
		context.Set("aws:SourceIp", host)
	}
	if answer := who.May(action, resource, context, parsed); !answer.Allowed {
		return refuse("AccessDeniedException", "User: %s is not authorized to perform: %s on resource: %s %s", nameOf(who), action, resource, answer.Because)
	}
	return nil
}

func nameOf(who iam.Caller) string {
	if who.Anonymous() {
		return "anonymous"
	}
	return who.ARN
}
