package edge

import "bytes"

// fastRequest is what of a request's head decides about the quick way. Its
// slices point into the connection's buffer; its path is good for as long.
type fastRequest struct {
	method         string // GET or HEAD
	path           string
	host           []byte
	acceptEncoding []byte
	userAgent      []byte
	crossOrigin    bool // has an Origin header
	slow           bool // is valid, but needs the long way: conditions, ranges
	last           bool // Connection: close
	size           int  // of the head in bytes
}

// parsing is the result of looking at the bytes that came.
type parsing int

const (
	incomplete parsing = iota // more bytes are needed
	ours                      // a request without a body that the edge can answer
	foreign                   // anything else: net/http judges
)

// parseHead reads the head of one request. It accepts what is certainly right
// and leaves everything else, wrong or rare, to net/http: other methods and
// versions, bodies, upgrades, absolute targets, odd characters, folded lines,
// bare line feeds, more than one Host.
func parseHead(buf []byte, r *fastRequest) parsing {
	*r = fastRequest{}
	line, rest, state := cutLine(buf)
	if state != ours {
		return state
	}
	var target []byte
	switch {
	case bytes.HasPrefix(line, []byte("GET ")):
		r.method, target = "GET", line[4:]
	case bytes.HasPrefix(line, []byte("HEAD ")):
		r.method, target = "HEAD", line[5:]
	default:
		return foreign
	}
	target, ok := bytes.CutSuffix(target, []byte(" HTTP/1.1"))
	if !ok || !r.setTarget(target) {
		return foreign
	}
	for {
		if line, rest, state = cutLine(rest); state != ours {
			return state
		}
		if len(line) == 0 {
			r.size = len(buf) - len(rest)
			if r.host == nil {
				return foreign
			}
			return ours
		}
		if !r.header(line) {
			return foreign
		}
	}
}

func cutLine(buf []byte) (line, rest []byte, state parsing) {
	i := bytes.IndexByte(buf, '\n')
	if i < 0 {
		return nil, nil, incomplete
	}
	if i == 0 || buf[i-1] != '\r' {
		return nil, nil, foreign
	}
	return buf[:i-1], buf[i+1:], ours
}

// header takes in one header line; it returns false for what net/http must see.
func (r *fastRequest) header(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || line[0] <= ' ' || line[colon-1] <= ' ' {
		return false
	}
	name := line[:colon]
	value := func() []byte { return bytes.Trim(line[colon+1:], " \t") }
	switch len(name) {
	case 4:
		if same(name, "host") {
			if r.host != nil {
				return false
			}
			r.host = value()
			return plainHost(r.host)
		}
	case 5:
		r.slow = r.slow || same(name, "range")
	case 6:
		r.crossOrigin = r.crossOrigin || same(name, "origin")
		return !same(name, "expect")
	case 7:
		return !same(name, "upgrade") && !same(name, "trailer")
	case 10:
		switch {
		case same(name, "user-agent"):
			r.userAgent = value()
		case same(name, "connection"):
			v := value()
			r.last = same(v, "close")
			return r.last || same(v, "keep-alive")
		}
	case 14:
		return !same(name, "content-length")
	case 15:
		if same(name, "accept-encoding") {
			if r.acceptEncoding != nil {
				r.slow = true
			}
			r.acceptEncoding = value()
		}
	case 17:
		if same(name, "transfer-encoding") {
			return false
		}
	}
	if len(name) > 3 && same(name[:3], "if-") {
		r.slow = true
	}
	return true
}

// same compares a name with one in lower case, ignoring case.
func same(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func plainHost(host []byte) bool {
	for _, c := range host {
		if c != '.' && c != '-' && c != ':' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(host) > 0
}

// setTarget takes the path of a request's target if it is one that net/url
// would leave as it is.
func (r *fastRequest) setTarget(target []byte) bool {
	if len(target) == 0 || target[0] != '/' {
		return false
	}
	path := target
	if i := bytes.IndexByte(target, '?'); i >= 0 {
		path = target[:i]
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' {
			if i+2 >= len(path) || !isHex(path[i+1]) || !isHex(path[i+2]) {
				return false
			}
			i += 2
			continue
		}
		if !plainPath[c] {
			return false
		}
	}
	for _, c := range target[len(path):] {
		if c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	r.path = view(path)
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// plainPath are the characters that stand for themselves in a path, percent
// signs apart.
var plainPath = func() (set [256]bool) {
	for _, c := range []byte("/-._~$&+,:;=@0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		set[c] = true
	}
	return set
}()
