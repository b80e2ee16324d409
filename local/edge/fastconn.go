package edge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	idleTime   = 3 * time.Minute  // of a connection between requests
	headTime   = 30 * time.Second // for a request's head once it began
	mostHead   = 64 << 10         // bytes of a request's head
	copiedBody = 8 << 10          // bytes of a body that is copied behind its head
)

// fastConn serves one connection as long as its requests are for the edge.
type fastConn struct {
	net.Conn
	edge *Edge
	stop <-chan struct{} // closed when the listener is

	in       []byte // what was read and not yet used
	out      []byte
	key      []byte
	deadline time.Time // of reading, as last set

	host         string // of the last request
	site         *site
	acceptedFor  *behavior
	acceptHeader string
	accepted     encoding
	agent        string
}

// serve answers requests until the connection ends, or until one comes that is
// not the edge's. Then it returns true, and c.in holds what was read of it.
func (c *fastConn) serve() (handOver bool) {
	c.in = make([]byte, 0, 4<<10)
	var r fastRequest
	for {
		state := incomplete
		if len(c.in) > 0 {
			state = parseHead(c.in, &r)
		}
		switch {
		case state == foreign, state == incomplete && len(c.in) >= mostHead:
			return true
		case state == incomplete:
			if !c.read() {
				return false
			}
			continue
		}
		d, ok := c.edge.options.Distributions.ByHost(c.hostOf(r.host))
		if !ok || !d.Config.On() {
			return true
		}
		if c.site == nil || c.site.Deployment != d {
			c.site = c.edge.siteOf(d)
		}
		now := c.edge.options.Clock()
		if p, kept := c.fastHit(c.site, &r, now); p != nil {
			if !c.send(p, kept, &r, now) {
				return false
			}
		} else if !c.longWay(c.in[:r.size], &r) {
			return false
		}
		if r.last {
			return false
		}
		c.in = c.in[:copy(c.in, c.in[r.size:])]
		select {
		case <-c.stop:
			return false
		default:
		}
	}
}

// read reads more bytes, with a deadline. It returns false at the end of the
// connection.
func (c *fastConn) read() bool {
	// Deadlines are of the operating system: real time, whatever Clock says.
	// Setting one costs, so it is set anew only when it came much closer.
	limit := idleTime
	if len(c.in) > 0 {
		limit = headTime
	}
	now := time.Now()
	if want := now.Add(limit); len(c.in) > 0 || want.Sub(c.deadline) > idleTime/4 || c.deadline.After(want) {
		if err := c.SetReadDeadline(want); err != nil {
			return false
		}
		c.deadline = want
		select {
		case <-c.stop: // a listener that closes sets a deadline, too
			return false
		default:
		}
	}
	if cap(c.in)-len(c.in) < 1<<10 {
		c.in = append(make([]byte, 0, 2*cap(c.in)), c.in...)
	}
	n, err := c.Read(c.in[len(c.in):cap(c.in)])
	c.in = c.in[:len(c.in)+n]
	return err == nil || n > 0
}

func (c *fastConn) hostOf(host []byte) string {
	if c.host != string(host) {
		c.host = string(host)
	}
	return c.host
}

// send writes a prepared answer. It returns false when the viewer is gone.
func (c *fastConn) send(p *prepared, kept *entry, r *fastRequest, now time.Time) bool {
	out := append(c.out[:0], p.head...)
	out = append(out, "Age: "...)
	out = strconv.AppendInt(out, max(now.UnixNano()-kept.stored, 0)/int64(time.Second), 10)
	out = append(out, "\r\nX-Amz-Cf-Id: "...)
	out = c.edge.ids.appendTo(out)
	out = append(out, "\r\n"...)
	if !p.dated {
		out = append(out, c.edge.dates.at(now)...)
	}
	if r.last {
		out = append(out, "Connection: close\r\n"...)
	}
	out = append(out, "\r\n"...)
	body := p.body
	if r.method == http.MethodHead {
		body = nil
	}
	var err error
	if len(body) <= copiedBody {
		out = append(out, body...)
		_, err = c.Write(out)
	} else {
		parts := net.Buffers{out, body}
		_, err = parts.WriteTo(c.Conn)
	}
	c.out = out
	if observe := c.edge.options.Observe; observe != nil {
		if c.agent != string(r.userAgent) {
			c.agent = string(r.userAgent)
		}
		observe(Request{DistributionID: p.site.ID, Method: r.method, Status: http.StatusOK, Bytes: int64(len(body)), Hit: true, UserAgent: c.agent})
	}
	return err == nil
}

// longWay answers one request by Edge.ServeHTTP. It returns false when the
// connection cannot go on.
func (c *fastConn) longWay(head []byte, fast *fastRequest) (goOn bool) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		return false // net/http's parser refuses what ours took: close
	}
	ctx, cancel := context.WithCancel(c.edge.closed)
	defer cancel()
	r = r.WithContext(ctx)
	r.RemoteAddr = c.RemoteAddr().String()
	w := newPlainWriter(c.Conn, r.Method, fast.last, c.edge)
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				c.edge.options.Logger.Error("edge panicked", "path", r.URL.Path, "panic", p)
			}
			goOn = false
		}
	}()
	c.edge.ServeHTTP(w, r)
	return w.finish() == nil
}
