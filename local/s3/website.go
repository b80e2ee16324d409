package s3

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	aws "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

// Website serves the buckets' website endpoints, told apart by the Host
// header: BUCKET.s3-website.localhost and BUCKET.s3-website-us-east-1.…, with
// any port. Everybody is anonymous there, so a site needs a policy that lets
// the public read, which block public access must let through.
func (s *Service) Website() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{Request: r, w: w, id: s.requestID(), now: s.options.Clock(), query: url.Values{}, operation: "GetObject"}
		w.Header().Set("X-Amz-Request-Id", q.id)
		w.Header().Set("X-Amz-Id-2", hostID(q.id))
		w.Header().Set("Server", "AmazonS3")
		q.bucket = websiteBucket(r.Host)
		s.site(q)
	})
}

func (s *Service) site(q *request) {
	var ok bool
	if q.record, ok = s.registry.get(q.bucket); !ok {
		q.errorPage(noSuchBucket(q.bucket), nil)
		return
	}
	site := q.record.Website
	if site == nil {
		q.errorPage(known("NoSuchWebsiteConfiguration").with("BucketName", q.bucket), nil)
		return
	}
	if q.Method != http.MethodGet && q.Method != http.MethodHead {
		q.errorPage(known("MethodNotAllowed").with("Method", q.Method).with("ResourceType", "OBJECT"), nil)
		return
	}
	key := strings.TrimPrefix(q.URL.Path, "/")
	if to := site.RedirectAll; to != nil {
		q.redirect(http.StatusMovedPermanently, to.Protocol, to.HostName, key)
		return
	}
	if rule := site.rule(key, 0); rule != nil {
		q.follow(rule, key)
		return
	}
	wanted := key
	if key == "" || strings.HasSuffix(key, "/") {
		wanted += site.Index.Suffix
	}
	failed := s.page(q, wanted, http.StatusOK)
	if failed == nil {
		return
	}
	if failed.code == "NoSuchKey" || failed.code == "AccessDenied" {
		// A folder is asked for by its name: to its name with a slash.
		if folder := key + "/" + site.Index.Suffix; key != wanted || key == "" {
			// asked for the folder already
		} else if id, err := s.store.Head(q.ctx(), q.bucket, folder, "", objects.Part{}); err == nil && id != nil && s.readable(q, folder) {
			q.w.Header().Set("Location", "/"+(&url.URL{Path: key}).EscapedPath()+"/")
			q.w.WriteHeader(http.StatusFound)
			return
		}
	}
	if rule := site.rule(key, failed.status); rule != nil {
		q.follow(rule, key)
		return
	}
	s.errorDocument(q, failed)
}

// readable reports whether anybody may read a key.
func (s *Service) readable(q *request, key string) bool {
	return s.authorize(q, "s3:GetObject", q.bucket, key) == nil
}

// page serves a key with a status, or answers why it cannot.
func (s *Service) page(q *request, key string, status int) *failure {
	q.key = key
	if err := s.authorize(q, "s3:GetObject", q.bucket, key); err != nil {
		return asFailure(err)
	}
	part := objects.Part{}
	if status == http.StatusOK {
		part.Range = q.Header.Get("Range")
	}
	out, err := s.store.Get(q.ctx(), q.bucket, key, "", part)
	if err != nil {
		// As in the API, that a key is missing is told to those only
		// who may list the bucket.
		f := asFailure(err)
		if f.code == "NoSuchKey" {
			if listable := s.authorize(q, "s3:ListBucket", q.bucket, ""); listable != nil {
				return asFailure(listable)
			}
			return noSuchKey(key)
		}
		return f
	}
	defer func() { _ = out.Body.Close() }() // it was read only
	if to := text(out.WebsiteRedirectLocation); to != "" && status == http.StatusOK {
		q.w.Header().Set("Location", to)
		q.w.WriteHeader(http.StatusMovedPermanently)
		return nil
	}
	return s.send(q, out, status)
}

func (s *Service) send(q *request, out *aws.GetObjectOutput, status int) *failure {
	described, err := s.describe(q, asHead(out))
	if status == http.StatusOK {
		status = described
	}
	if err != nil {
		f := asFailure(err)
		if f.status == http.StatusNotModified {
			writeFailure(q.w, q.Request, f, q.id)
			return nil
		}
		return f
	}
	q.w.WriteHeader(status)
	if q.Method == http.MethodGet {
		_, _ = io.Copy(q.w, out.Body) // the status is sent; the client may have gone
	}
	return nil
}

// errorDocument serves the site's error page with the status of the error, or
// S3's own page.
func (s *Service) errorDocument(q *request, failed *failure) {
	if doc := q.record.Website.Error; doc != nil && failed.status/100 == 4 {
		asked := q.key
		q.Header = q.Header.Clone()
		for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
			q.Header.Del(name)
		}
		second := s.page(q, doc.Key, failed.status)
		if second == nil {
			return
		}
		q.key = asked
		q.errorPage(failed, second)
		return
	}
	q.errorPage(failed, nil)
}

// rule is the first routing rule for a key and a status (0 before there is one).
func (w *website) rule(key string, status int) *routingRule {
	for i := range w.Rules {
		c := w.Rules[i].Condition
		switch {
		case c == nil:
			if status == 0 {
				return &w.Rules[i]
			}
		case !strings.HasPrefix(key, c.KeyPrefixEquals):
		case c.HTTPErrorCodeReturnedEquals == "":
			if status == 0 {
				return &w.Rules[i]
			}
		case c.HTTPErrorCodeReturnedEquals == strconv.Itoa(status):
			return &w.Rules[i]
		}
	}
	return nil
}

func (q *request) follow(rule *routingRule, key string) {
	to := rule.Redirect
	switch {
	case to.ReplaceKeyWith != nil:
		key = *to.ReplaceKeyWith
	case to.ReplaceKeyPrefixWith != nil:
		prefix := ""
		if rule.Condition != nil {
			prefix = rule.Condition.KeyPrefixEquals
		}
		key = *to.ReplaceKeyPrefixWith + strings.TrimPrefix(key, prefix)
	}
	status, err := strconv.Atoi(to.HTTPRedirectCode)
	if err != nil {
		status = http.StatusMovedPermanently
	}
	q.redirect(status, to.Protocol, to.HostName, key)
}

func (q *request) redirect(status int, protocol, host, key string) {
	if host == "" {
		host = q.Host
	}
	if protocol == "" {
		protocol = "http"
	}
	q.w.Header().Set("Location", (&url.URL{Scheme: protocol, Host: host, Path: "/" + key}).String())
	q.w.WriteHeader(status)
}

// errorPage is the page that a website endpoint shows for an error for which
// the site has none; second is why the site's own could not be shown.
func (q *request) errorPage(f, second *failure) {
	var page bytes.Buffer
	title := strconv.Itoa(f.status) + " " + http.StatusText(f.status)
	page.WriteString("<html>\n<head><title>" + title + "</title></head>\n<body>\n<h1>" + title + "</h1>\n")
	list := func(f *failure, ids bool) {
		page.WriteString("<ul>\n")
		item := func(name, value string) {
			page.WriteString("<li>" + name + ": " + html.EscapeString(value) + "</li>\n")
		}
		item("Code", f.code)
		item("Message", f.message)
		for _, detail := range f.details {
			item(detail[0], detail[1])
		}
		if ids {
			item("RequestId", q.id)
			item("HostId", hostID(q.id))
		}
		page.WriteString("</ul>\n")
	}
	list(f, true)
	if second != nil {
		page.WriteString("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n")
		list(second, false)
	}
	page.WriteString("<hr/>\n</body>\n</html>\n")
	header := q.w.Header()
	header.Set("X-Amz-Error-Code", f.code)
	header.Set("X-Amz-Error-Message", f.message)
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(page.Len()))
	if f.status == http.StatusMethodNotAllowed {
		header.Set("Allow", "GET, HEAD")
	}
	q.w.WriteHeader(f.status)
	if q.Method != http.MethodHead {
		_, _ = q.w.Write(page.Bytes()) // the client may have gone
	}
}
