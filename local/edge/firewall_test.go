package edge_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/edge"
)

const webACL = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/a/1"

// bouncer refuses what has "bad" in its query.
type bouncer struct {
	mu    sync.Mutex
	asked []string
}

func (b *bouncer) Allows(arn string, r *http.Request) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, arn+" "+r.URL.RequestURI()+" "+r.UserAgent())
	return !strings.Contains(r.URL.RawQuery, "bad") && r.RemoteAddr != ""
}

func (b *bouncer) times() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

func TestAWebACLDecidesAboutEveryRequest(t *testing.T) {
	firewall := &bouncer{}
	w := build(t, edge.Options{Firewall: firewall}, func(_ *world, c *types.DistributionConfig) { c.WebACLId = aws.String(webACL) })
	w.bucket.put("/a", object{body: "content", kind: "text/plain"})
	conn, in := dial(t, w.listen())
	ask := func(method, path string, status int, xCache string) string {
		t.Helper()
		send(t, conn, method+" "+path+" HTTP/1.1\r\nHost: "+w.host+":4566\r\nUser-Agent: me\r\n\r\n")
		answer, body := receive(t, in, method)
		if got := answer.Header.Get("X-Cache"); answer.StatusCode != status || got != xCache+" from cloudfront" {
			t.Errorf("%s %s: %d, %s", method, path, answer.StatusCode, got)
		}
		return body
	}
	for _, want := range []string{"Miss", "Hit", "Hit"} {
		ask("GET", "/a", http.StatusOK, want)
	}
	if n := firewall.times(); n != 3 {
		t.Errorf("asked %d times of 3: hits went past it", n)
	}
	if body := ask("GET", "/a?bad", http.StatusForbidden, "Error"); !strings.Contains(body, "Request blocked") || strings.Contains(body, "content") {
		t.Errorf("got %s", body)
	}
	if last := firewall.asked[3]; last != webACL+" /a?bad me" {
		t.Errorf("asked about %q", last)
	}
	// It is asked before anything else is looked at.
	if body := ask("DELETE", "/a?bad", http.StatusForbidden, "Error"); !strings.Contains(body, "Request blocked") {
		t.Errorf("got %s", body)
	}
	ask("HEAD", "/a", http.StatusOK, "Hit")
}

func TestWhatIsBlockedShowsTheSitesOwnPage(t *testing.T) {
	w := build(t, edge.Options{Firewall: &bouncer{}}, func(_ *world, c *types.DistributionConfig) {
		c.WebACLId = aws.String(webACL)
		c.CustomErrorResponses = &types.CustomErrorResponses{Quantity: aws.Int32(1), Items: []types.CustomErrorResponse{{
			ErrorCode: aws.Int32(403), ResponsePagePath: aws.String("/no.html"), ResponseCode: aws.String("404"), ErrorCachingMinTTL: aws.Int64(10),
		}}}
	})
	if body := expect(t, w.get("/?bad"), http.StatusForbidden, "Error"); !strings.Contains(body, "Request blocked") {
		t.Errorf("without the page: %s", body)
	}
	w.clock.pass(time.Minute)
	w.bucket.put("/no.html", object{body: "our page", kind: "text/html"})
	if body := expect(t, w.get("/?bad"), http.StatusNotFound, "Error"); body != "our page" {
		t.Errorf("with the page: %s", body)
	}
}

func TestWithoutAWebACLNobodyIsAsked(t *testing.T) {
	firewall := &bouncer{}
	w := build(t, edge.Options{Firewall: firewall}, nil)
	w.bucket.put("/a", object{body: "content", kind: "text/plain"})
	expect(t, w.get("/a?bad"), http.StatusOK, "Miss")
	if n := firewall.times(); n != 0 {
		t.Errorf("asked %d times", n)
	}
}
