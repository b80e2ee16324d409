package image_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

func passing(name string) error { return &image.PassingError{Name: name, Err: errors.New(name)} }

func TestABrokenConnectionGoesOnWhereItBroke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		layer := imagetest.Gzip(imagetest.Tar(page("home"), add(at+"noise", noise(100_000))))
		var r imagetest.Repository
		digest := r.Put(nil, layer)
		var offsets []int64
		r.Fail = func(_ string, offset int64) error {
			if offsets = append(offsets, offset); len(offsets)%3 == 0 {
				return passing("ServiceUnavailable")
			}
			return nil
		}
		r.Wrap = func(_ string, body io.Reader) io.Reader {
			return io.MultiReader(io.LimitReader(body, 10_000), failing{errors.New("connection reset by peer")})
		}
		got, _, err := show(t, &r, &imagetest.Cache{}, digest, small())
		if err != nil || got["noise"] != noise(100_000) {
			t.Fatalf("%d bytes, %v", len(got["noise"]), err)
		}
		if len(offsets) < 20 {
			t.Errorf("opened at %d", offsets)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAConnectionThatBringsNothingIsGivenUpInTheEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		fail func(string, int64) error
		wrap func(string, io.Reader) io.Reader
		want string
	}{
		{"refused each time", func(string, int64) error { return passing("TooManyRequestsException") }, nil, "TooManyRequestsException"},
		{"broken each time", nil, func(string, io.Reader) io.Reader { return failing{io.ErrUnexpectedEOF} }, "NetworkError"},
		{"ends each time", nil, func(string, io.Reader) io.Reader { return failing{io.EOF} }, "NetworkError"},
		{"final at once", func(string, int64) error { return errors.New("no") }, nil, "Unclassified"},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := imagetest.Repository{}
			digest := r.Put(nil, siteOf("home"))
			tries := 0
			r.Fail = func(digest string, offset int64) error {
				tries++
				if c.fail != nil {
					return c.fail(digest, offset)
				}
				return nil
			}
			r.Wrap = c.wrap
			start := time.Now()
			_, err := image.Inspect(t.Context(), &r, &imagetest.Cache{}, digest, small(), "index.html")
			want := 5
			if c.want == "Unclassified" {
				want = 1
			}
			if awserr.Name(err) != c.want || tries != want || time.Since(start) > time.Minute {
				t.Errorf("%s: %v after %d tries and %s", c.name, err, tries, time.Since(start))
			}
		})
	}
}

// stuck answers a blob that never comes, until it is given up.
type stuck struct {
	*imagetest.Repository
	until int
	opens int
}

func (s *stuck) Blob(ctx context.Context, digest string, offset int64) (io.ReadCloser, error) {
	s.opens++
	if s.opens == 2 {
		<-ctx.Done()
		return nil, passing("NetworkError")
	}
	body, err := s.Repository.Blob(ctx, digest, offset)
	if err != nil || s.opens > s.until {
		return body, err
	}
	return io.NopCloser(stalled{ctx}), nil
}

type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) { <-s.ctx.Done(); return 0, s.ctx.Err() }

func TestAConnectionThatStallsIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r imagetest.Repository
		source := &stuck{Repository: &r, until: 3}
		start := time.Now()
		_, err := image.Inspect(t.Context(), source, &imagetest.Cache{}, r.Put(nil, siteOf("home")), small(), "index.html")
		if waited := time.Since(start); err != nil || waited < 90*time.Second || waited > 100*time.Second {
			t.Errorf("%v after %s", err, waited)
		}
	})
}

func TestAReadingThatIsGivenUpEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r imagetest.Repository
		source := &stuck{Repository: &r, until: 100}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := image.Inspect(ctx, source, &imagetest.Cache{}, r.Put(nil, siteOf("home")), small(), "index.html")
		if !errors.Is(err, context.DeadlineExceeded) || awserr.Name(err) != awserr.Timeout {
			t.Errorf("error %v", err)
		}
	})
}

func TestACacheThatFailsIsAnErrorAndOneThatForgetsIsNone(t *testing.T) {
	for _, call := range []string{"Open", "Keep"} {
		var r imagetest.Repository
		broken := errors.New("SlowDown")
		cache := imagetest.Cache{Fail: func(c string) error {
			if c == call {
				return broken
			}
			return nil
		}}
		if _, err := image.Inspect(t.Context(), &r, &cache, r.Put(nil, siteOf("home")), small(), "index.html"); !errors.Is(err, broken) {
			t.Errorf("%s: %v", call, err)
		}
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":          func([]byte) []byte { return nil },
		"cut off":        func(d []byte) []byte { return d[:len(d)/2] },
		"no gzip":        func([]byte) []byte { return []byte("hello") },
		"of no format":   func([]byte) []byte { return imagetest.Gzip([]byte(`{"format":"mayfly-contents/0"}`)) },
		"of none at all": func([]byte) []byte { return imagetest.Gzip([]byte(`{}`)) },
		"out of order":   func([]byte) []byte { return table(`{"path":"b","kind":"-"}`, `{"path":"a","kind":"-"}`) },
		"twice":          func([]byte) []byte { return table(`{"path":"a","kind":"-"}`, `{"path":"a","kind":"-"}`) },
		"another layer": func([]byte) []byte {
			return imagetest.Gzip([]byte(`{"format":"mayfly-contents/1","digest":"sha256:x","entries":0}`))
		},
		"too long": func(d []byte) []byte { return append(d, imagetest.Gzip([]byte("{}"))...) },
	} {
		var r imagetest.Repository
		var cache imagetest.Cache
		digest := r.Put(nil, siteOf("home"))
		if _, _, err := show(t, &r, &cache, digest, small()); err != nil {
			t.Fatal(err)
		}
		layer := imagetest.Digest(siteOf("home"))
		cache.Change(layer, spoil)
		r.Opened()
		if _, err := image.Inspect(t.Context(), &r, &cache, digest, small(), "index.html"); err != nil || len(r.Opened()) != 2 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := image.Inspect(t.Context(), &r, &cache, digest, small(), "index.html"); err != nil || len(r.Opened()) != 1 {
			t.Errorf("%s: the table was not made again: %v", name, err)
		}
	}
}

// table is a table of contents of a layer that the tests use.
func table(entries ...string) []byte {
	text := fmt.Sprintf(`{"format":"mayfly-contents/1","digest":%q,"entries":%d}`, imagetest.Digest(siteOf("home")), len(entries))
	for _, e := range entries {
		text += e
	}
	return imagetest.Gzip([]byte(text))
}
