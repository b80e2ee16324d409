package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
)

// BenchmarkEdge measures hits at the edge with wrk, by turns with nginx's
// proxy_cache in front of the same site on the same machine. It needs both on
// the PATH; bench.sh runs it only where they are.
func BenchmarkEdge(b *testing.B) {
	for _, s := range []struct {
		name string
		size int
	}{{"1KiB", 1 << 10}, {"100KiB", 100 << 10}} {
		b.Run(s.name, func(b *testing.B) { edgeHits(b, s.size) })
	}
}

func edgeHits(b *testing.B, size int) {
	c := start(b, roomy)
	box := c.create(b, events.CreateSandbox{Name: "bench"})
	if r := c.release(b, "bench", noise(2, size)); r.Status != "live" {
		b.Fatalf("release: %+v", r)
	}
	site, err := url.Parse(box.URL)
	if err != nil {
		b.Fatal(err)
	}
	const path = "/assets/00/0000.bin"
	direct := "127.0.0.1:" + site.Port()
	proxied := nginx(b, direct, site.Host)
	hit := func(address, header, want string) (bool, error) {
		found, n, err := look("http://"+address+path, site.Host, header)
		return err == nil && found == want && n == int64(size), fmt.Errorf("%s %q, %d bytes: %w", header, found, n, err)
	}
	warm := func() {
		eventually(b, "a hit at the edge", func() (bool, error) { return hit(direct, "X-Cache", "Hit from cloudfront") })
		eventually(b, "a hit at nginx", func() (bool, error) { return hit(proxied, "X-Proxy-Cache", "HIT") })
	}
	warm()
	var ours, theirs float64
	for b.Loop() {
		ours += wrk(b, "http://"+direct+path, site.Host)
		theirs += wrk(b, "http://"+proxied+path, site.Host)
	}
	warm()
	b.ReportMetric(0, "ns/op") // of no meaning: wrk runs for a fixed time
	b.ReportMetric(ours/float64(b.N), "mayfly-req/s")
	b.ReportMetric(theirs/float64(b.N), "nginx-req/s")
	b.ReportMetric(ours/theirs, "ratio")
}

// look asks for a page of a site, and returns a header and the length of the
// answer.
func look(address, host, header string) (string, int64, error) {
	r, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", 0, err
	}
	r.Host = host
	r.Header.Set("Accept-Encoding", "identity")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", 0, err
	}
	return response.Header.Get(header), response.ContentLength, response.Body.Close()
}

var (
	requestsPerSecond = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrong             = regexp.MustCompile(`Non-2xx or 3xx responses|Socket errors`)
)

// wrk returns the requests per second of one run.
func wrk(b *testing.B, address, host string) float64 {
	b.Helper()
	out, err := exec.Command("wrk", "-t1", "-c32", "-d3s", "-H", "Host: "+host, address).CombinedOutput()
	found := requestsPerSecond.FindSubmatch(out)
	if err != nil || found == nil || wrong.Match(out) {
		b.Fatalf("wrk: %v: %s", err, out)
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return rate
}

// nginxConfig gives nginx what makes it fast at this: a worker on each core,
// no log, connections that stay open, and cached files that stay open.
// tcp_nopush stays off: over loopback it stalls answers of 100 KiB, and nginx
// would look up to twenty times slower than it is.
const nginxConfig = `%s
daemon off;
worker_processes auto;
pid nginx.pid;
error_log error.log;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  open_file_cache max=1000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  proxy_cache_path cache keys_zone=site:10m;
  server {
    listen %s;
    location / {
      proxy_pass http://%s;
      proxy_set_header Host %s;
      proxy_cache site;
      proxy_cache_valid 200 1h;
      proxy_ignore_headers Cache-Control Expires Vary;
      add_header X-Proxy-Cache $upstream_cache_status;
    }
  }
}
`

// nginx starts an nginx that caches what an address answers for a host, and
// returns where it listens.
func nginx(b *testing.B, upstream, host string) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		b.Fatal(err)
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root root;" // the workers must get at this benchmark's folder
	}
	dir := b.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, user, address, upstream, host), 0o600); err != nil {
		b.Fatal(err)
	}
	var said strings.Builder
	cmd := exec.Command("nginx", "-p", dir, "-c", config, "-e", "error.log")
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			b.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Errorf("nginx: %v: %s", err, said.String())
		}
	})
	return address
}
