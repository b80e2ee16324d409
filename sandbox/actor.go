package sandbox

import (
	"context"
	"strings"
)

// Actor is who makes a change, and from where.
type Actor struct {
	// Principal is an ARN, a token's issuer and subject or a person's name; for
	// what no person asked for it is the trigger's, such as PrincipalPush.
	Principal string `json:"principal,omitempty"`
	// Address and UserAgent are the client's.
	Address   string `json:"address,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
	// Trigger is what made the change where that is no request: an execution's
	// ARN, a push.
	Trigger string `json:"trigger,omitempty"`
}

// The principals of changes that no person asked for.
const (
	// PrincipalPush is a push to a sandbox's repository; ECR does not tell who
	// pushed.
	PrincipalPush = "ecr:push"
	// PrincipalSchedule is a schedule of the installation.
	PrincipalSchedule = "schedule"
	// PrincipalMayfly is Mayfly itself, where nothing else is known.
	PrincipalMayfly = "mayfly"
)

// UserAgent cuts what a client says of itself to what is worth keeping: 200
// bytes at most.
func UserAgent(said string) string {
	const longest = 200
	return strings.ToValidUTF8(said[:min(len(said), longest)], "")
}

type actorKey struct{}

// As returns a context whose changes are an actor's. Without one, a change is
// of whoever asked for the flow that the sandbox is in.
func As(ctx context.Context, who Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, who)
}

// ActorOf returns the actor of a context; false when it has none.
func ActorOf(ctx context.Context) (Actor, bool) {
	who, ok := ctx.Value(actorKey{}).(Actor)
	return who, ok
}

// actor returns who changes s under ctx.
func (s *Sandbox) actor(ctx context.Context) Actor {
	who, ok := ActorOf(ctx)
	if !ok {
		who = Actor{Principal: s.AskedBy.Principal, Trigger: s.Execution}
	}
	if who.Principal == "" {
		who.Principal = PrincipalMayfly
	}
	return who
}
