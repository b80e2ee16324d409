package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) joinCommand() *cobra.Command {
	var student string
	var wait bool
	cmd := &cobra.Command{
		Use:   "join CODE",
		Short: "Join a class by its code, and get a sandbox",
		Long: `Join a class by its code, and get a sandbox in it. Without an account, you get a token to be known by from then on. Joining again
is the same seat, with a new sandbox when you deleted the one that you had. With - for the code, it is read from standard input.`,
		Example: "  mayfly join cs101-k7m2-9xqp-4tzd-8hwn --name 'Ada L.'",
		Args:    exactArgs("CODE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text := args[0]
			if text == "-" {
				line, err := bufio.NewReader(a.in).ReadString('\n')
				if err != nil && line == "" {
					return fmt.Errorf("read the code: %w", err)
				}
				text = line
			}
			code, err := class.ParseCode(text)
			if err != nil {
				return &usageError{message: err.Error(), command: cmd}
			}
			seat, token, err := a.join(cmd.Context(), code, student)
			if err != nil {
				return fmt.Errorf("join class %s: %w", code.Class, err)
			}
			if a.json() {
				return a.printValue(joined{seat.Value, token})
			}
			a.printSeat(&seat.Value, token)
			if wait && seat.Value.Phase == events.PhaseProvisioning {
				return a.awaitSeat(cmd.Context(), seat.Value.Sandbox)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&student, "name", "", "what you are called, for who teaches")
	cmd.Flags().BoolVar(&wait, "wait", true, "wait until the sandbox is ready, showing each step")
	return cmd
}

// join takes a seat: as who one is, or, where the API does not know that, by a
// token that is made now.
func (a *app) join(ctx context.Context, code class.Code, student string) (client.Answer[events.SeatState], string, error) {
	body := events.JoinClass{Code: code.Text(), Student: student}
	ask := func() (client.Answer[events.SeatState], error) {
		api, err := a.client()
		if err != nil {
			return client.Answer[events.SeatState]{}, err
		}
		return client.Read[events.SeatState](api.JoinClassWithResponse(ctx, body))
	}
	// On this machine nobody asks for AWS credentials, which take their time to
	// be looked for.
	a.unsigned = a.onThisMachine() && !a.sign && a.profile == "" && a.getenv("AWS_PROFILE") == "" && a.getenv("AWS_ACCESS_KEY_ID") == ""
	seat, err := ask()
	var problem *client.ProblemError
	if !errors.As(err, &problem) || problem.Problem.Status != http.StatusUnauthorized || a.getenv("MAYFLY_TOKEN") != "" || a.sign {
		return seat, "", err
	}
	token, err := class.NewToken(code.Class, rand.Reader)
	if err != nil {
		return seat, "", err
	}
	a.token = token.Text()
	if body.Student == "" {
		body.Student = a.principal() // an account has a name, and a seat has none
	}
	seat, err = ask()
	var unreachable *client.UnreachableError
	if errors.As(err, &unreachable) {
		// It may have arrived: the same token again is the same seat.
		err = advise(err, "Ask again, for the same seat: MAYFLY_TOKEN=%s mayfly join CODE", a.token)
	}
	return seat, a.token, err
}

// awaitSeat waits until a seat's sandbox is ready, and says where it is.
func (a *app) awaitSeat(ctx context.Context, name string) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	v := a.newView(name)
	s, err := watchUntilSettled(ctx, api, name, 0, v)
	v.stop()
	if err != nil {
		return err
	}
	a.printf("\n%s is %s: %s\n", name, s.Value.Phase, s.Value.URL)
	return nil
}

// joined is what is shown of a seat that was taken.
type joined struct {
	events.SeatState
	Token string `json:"token,omitempty"`
}

// printSeat shows a seat, and the token that was made for it, before anything
// else can go wrong.
func (a *app) printSeat(seat *events.SeatState, token string) {
	a.printf("You have seat %d of class %s until %s.\nYour sandbox is %s", seat.Number, seat.Class, a.day(seat.ExpiresAt), seat.Sandbox)
	if seat.URL != "" {
		a.printf(", at %s", seat.URL)
	}
	a.printf(".\n\n")
	if token != "" {
		a.printf("You are known by this token, which is shown this once; type it in each terminal that you use:\n\n  export MAYFLY_TOKEN=%s\n\n", token)
	}
	a.printf("Then:\n  mayfly show %[1]s\n  mayfly release %[1]s --dir FOLDER\n\n", seat.Sandbox)
}
