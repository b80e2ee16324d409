package sandbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestDefaultsFillWhatIsEmpty(t *testing.T) {
	want := events.Spec{
		Delivery: events.DeliveryCloudFront, OriginAccess: events.OriginAccessIdentity, IndexDocument: "index.html", PriceClass: "PriceClass_100",
	}
	if diff := cmp.Diff(want, sandbox.Defaults(events.Spec{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	chosen := events.Spec{
		Delivery: events.DeliveryWebsite, OriginAccess: events.OriginAccessControl, IndexDocument: "home.htm",
		ErrorDocument: "errors/404.html", PriceClass: "PriceClass_All",
	}
	if diff := cmp.Diff(chosen, sandbox.Defaults(chosen)); diff != "" {
		t.Errorf("what was chosen: -want +got\n%s", diff)
	}
	for _, spec := range []events.Spec{want, chosen} {
		if err := sandbox.CheckSpec(spec); err != nil {
			t.Errorf("%+v: %v", spec, err)
		}
	}
}

func TestCheckSpecNamesEachBrokenField(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*events.Spec)
		fields []string
	}{
		{"nothing wrong", func(*events.Spec) {}, nil},
		{"a single-page app", func(s *events.Spec) { s.SinglePageApp = true }, nil},
		{"another delivery", func(s *events.Spec) { s.Delivery = "ftp" }, []string{"delivery"}},
		{"another origin access", func(s *events.Spec) { s.OriginAccess = "OAI" }, []string{"originAccess"}},
		{"another price class", func(s *events.Spec) { s.PriceClass = "100" }, []string{"priceClass"}},
		{"an index page in a folder", func(s *events.Spec) { s.IndexDocument = "a/index.html" }, []string{"indexDocument"}},
		{"an index page above", func(s *events.Spec) { s.IndexDocument = ".." }, []string{"indexDocument"}},
		{"a long index page", func(s *events.Spec) { s.IndexDocument = strings.Repeat("a", 256) }, []string{"indexDocument"}},
		{"an error page above", func(s *events.Spec) { s.ErrorDocument = "../404.html" }, []string{"errorDocument"}},
		{"an absolute error page", func(s *events.Spec) { s.ErrorDocument = "/404.html" }, []string{"errorDocument"}},
		{"an error page with a newline", func(s *events.Spec) { s.ErrorDocument = "404\n.html" }, []string{"errorDocument"}},
		{"an error page that is not UTF-8", func(s *events.Spec) { s.ErrorDocument = "\xff.html" }, []string{"errorDocument"}},
		{"an error page that nobody would see", func(s *events.Spec) { s.SinglePageApp, s.ErrorDocument = true, "404.html" }, []string{"errorDocument"}},
		{"a single-page app on a website", func(s *events.Spec) { s.SinglePageApp, s.Delivery = true, events.DeliveryWebsite }, []string{"singlePageApp"}},
		{"all at once", func(s *events.Spec) { *s = events.Spec{ErrorDocument: "/"} },
			[]string{"delivery", "originAccess", "priceClass", "indexDocument", "errorDocument"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := sandbox.Defaults(events.Spec{})
			c.change(&spec)
			err := sandbox.CheckSpec(spec)
			var all sandbox.FieldErrors
			if err != nil && !errors.As(err, &all) {
				t.Fatalf("got %T, want FieldErrors", err)
			}
			var fields []string
			for _, one := range all {
				fields = append(fields, one.Field)
				if !strings.Contains(err.Error(), one.Rule) {
					t.Errorf("the message %q does not say %q", err, one.Rule)
				}
			}
			if diff := cmp.Diff(c.fields, fields); diff != "" {
				t.Errorf("fields: -want +got\n%s", diff)
			}
			var one *sandbox.FieldError
			if (err != nil) != errors.As(err, &one) {
				t.Error("a single FieldError is not found in it")
			}
		})
	}
}

func TestSpecDigestIsOfWhatIsAskedFor(t *testing.T) {
	same := sandbox.SpecDigest("site", "ann", events.Spec{}, time.Hour)
	if len(same) != 64 {
		t.Errorf("digest %q", same)
	}
	if got := sandbox.SpecDigest("site", "ann", sandbox.Defaults(events.Spec{}), time.Hour); got != same {
		t.Error("a default that is written out changes the digest")
	}
	seen := map[string]string{same: "the first"}
	for name, digest := range map[string]string{
		"another name":  sandbox.SpecDigest("site2", "ann", events.Spec{}, time.Hour),
		"another owner": sandbox.SpecDigest("site", "bob", events.Spec{}, time.Hour),
		"another spec":  sandbox.SpecDigest("site", "ann", events.Spec{SinglePageApp: true}, time.Hour),
		"another ttl":   sandbox.SpecDigest("site", "ann", events.Spec{}, 0),
		"moved letters": sandbox.SpecDigest("sitea", "nn", events.Spec{}, time.Hour),
	} {
		if other := seen[digest]; other != "" {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[digest] = name
	}
}

func TestParseTTL(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "never": 0, "5m": 5 * time.Minute, "90m": 90 * time.Minute, "36h": 36 * time.Hour, "1h30m": 90 * time.Minute,
		"1d": 24 * time.Hour, "365d": sandbox.MaxTTL, "8760h": sandbox.MaxTTL,
	} {
		if got, err := sandbox.ParseTTL(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "0s", "4m59s", "366d", "8760h1s", "-1h", "-3d", "1", "d", "1.5d", "1d12h", "ten", " 1h", "99999999999999999999d", "Never"} {
		got, err := sandbox.ParseTTL(text)
		var field *sandbox.FieldError
		if !errors.As(err, &field) || field.Field != "ttl" || field.Value != text || got != 0 {
			t.Errorf("%q: got %v, %v; want a FieldError of ttl", text, got, err)
		}
	}
}
