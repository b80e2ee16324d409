package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// answers is an API that gives one answer after the other, and remembers what
// each request said it had seen last.
type answers struct {
	bodies []func() (*http.Response, error)
	lasts  []string
}

func (a *answers) Do(r *http.Request) (*http.Response, error) {
	a.lasts = append(a.lasts, r.Header.Get("Last-Event-ID"))
	next := a.bodies[0]
	if len(a.bodies) > 1 {
		a.bodies = a.bodies[1:]
	}
	return next()
}

func respond(status int, body string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func sse(seqs ...int) func() (*http.Response, error) {
	var body strings.Builder
	body.WriteString("retry: 1000\n\n: alive\n\n")
	for _, seq := range seqs {
		fmt.Fprintf(&body, "id: %d\nevent: phase\ndata: {\"seq\":%d,\ndata: \"phase\":\"ready\",\"message\":\"m\"}\n\n", seq, seq)
	}
	body.WriteString("id: 99\ndata: {\"seq\":99") // cut in the middle
	return respond(http.StatusOK, body.String())
}

func unreachable() (*http.Response, error) {
	return nil, &UnreachableError{URL: "http://api", Err: syscall.ECONNREFUSED}
}

const notFound = `{"type":"urn:mayfly:problem:not-found","title":"gone","status":404}`

func TestFollowTakesABrokenStreamUpWhereItBroke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &answers{bodies: []func() (*http.Response, error){sse(1, 2), unreachable, unreachable, sse(), sse(3), respond(http.StatusNotFound, notFound)}}
		c, err := NewClientWithResponses("http://api", WithHTTPClient(api))
		if err != nil {
			t.Fatal(err)
		}
		var seen []int64
		var last events.SandboxEvent
		err = c.Follow(t.Context(), "hello", 0, false, func(e events.SandboxEvent) error {
			seen, last = append(seen, e.Seq), e
			return nil
		})
		if err != nil || !slices.Equal(seen, []int64{1, 2, 3, 4}) || last.Phase != events.PhaseDeleted {
			t.Errorf("%v %+v %v", seen, last, err)
		}
		if want := []string{"0", "2", "2", "2", "2", "3"}; !slices.Equal(api.lasts, want) {
			t.Errorf("asked after %v, want %v", api.lasts, want)
		}
	})
}

func TestFollowGivesUp(t *testing.T) {
	enough := errors.New("enough")
	for name, test := range map[string]struct {
		answers []func() (*http.Response, error)
		see     error
		want    func(error) bool
		took    time.Duration
	}{
		"at once on what was never there":           {[]func() (*http.Response, error){respond(404, notFound)}, nil, IsGone, 0},
		"at once on an API that is not there":       {[]func() (*http.Response, error){unreachable}, nil, isUnreachable, 0},
		"at once on what is no API":                 {[]func() (*http.Response, error){respond(502, "<html>")}, nil, func(err error) bool { return strings.Contains(err.Error(), "not Mayfly's API") }, 0},
		"after a minute on one that went":           {[]func() (*http.Response, error){sse(1), unreachable}, nil, isUnreachable, Patience},
		"when its callback says so":                 {[]func() (*http.Response, error){sse(1)}, enough, func(err error) bool { return errors.Is(err, enough) }, 0},
		"content when its callback has seen enough": {[]func() (*http.Response, error){sse(1)}, ErrStop, func(err error) bool { return err == nil }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := NewClientWithResponses("http://api", WithHTTPClient(&answers{bodies: test.answers}))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				err = c.Follow(t.Context(), "hello", 0, false, func(events.SandboxEvent) error { return test.see })
				if took := time.Since(began); !test.want(err) || took < test.took || took > test.took+2*time.Second {
					t.Errorf("after %s: %v", took, err)
				}
			})
		})
	}
}

func isUnreachable(err error) bool {
	var u *UnreachableError
	return errors.As(err, &u) && strings.Contains(err.Error(), "connection refused")
}

func TestFollowEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		c, err := NewClientWithResponses("http://api", WithHTTPClient(&answers{bodies: []func() (*http.Response, error){sse(1), unreachable}}))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Follow(ctx, "hello", 0, true, func(events.SandboxEvent) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}
