package edge

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// Listener returns a listener for an http.Server that shares its port with the
// edge: requests for the edge's sites are answered on the connections that
// inner accepts, in a loop that is quicker than net/http's, and a connection
// with any other request is what Accept returns, from that request on. So the
// server's handler must know the edge, too: it gets the edge's requests that
// come on such a connection, and those that the loop leaves to net/http.
//
// Close closes inner, and the connections that were not returned by Accept as
// soon as the request under way on each is answered; it waits for that.
func (e *Edge) Listener(inner net.Listener) net.Listener {
	l := &listener{
		Listener: inner, edge: e, handed: make(chan net.Conn), stop: make(chan struct{}), conns: map[net.Conn]struct{}{},
	}
	l.running.Go(l.accept)
	return l
}

type listener struct {
	net.Listener
	edge    *Edge
	handed  chan net.Conn
	stop    chan struct{}
	running sync.WaitGroup
	once    sync.Once
	failure error // of Accept, set before stop is closed
	closing error

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func (l *listener) accept() {
	for {
		conn, err := l.Listener.Accept()
		if passing(err) {
			select {
			case <-time.After(10 * time.Millisecond): // until descriptors are free again
				continue
			case <-l.stop:
				return
			}
		}
		if err != nil {
			l.end(err)
			return
		}
		l.running.Go(func() { l.serve(conn) })
	}
}

// passing says whether accepting may succeed later.
func passing(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED)
}

func (l *listener) serve(conn net.Conn) {
	if !l.track(conn) {
		_ = conn.Close() // the listener is closed: nobody is told
		return
	}
	c := &fastConn{Conn: conn, edge: l.edge, stop: l.stop}
	handOver := c.serve()
	l.untrack(conn)
	if handOver {
		if err := conn.SetReadDeadline(time.Time{}); err == nil {
			select {
			case l.handed <- begun(conn, c.in):
				return
			case <-l.stop:
			}
		}
	}
	_ = conn.Close() // the viewer is gone, or is to go
}

func (l *listener) track(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.stop:
		return false
	default:
	}
	l.conns[conn] = struct{}{}
	return true
}

func (l *listener) untrack(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
}

// Accept returns the next connection with a request that is not the edge's.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.handed:
		return conn, nil
	case <-l.stop:
		return nil, l.failure
	}
}

// end stops accepting, and wakes the connections that wait for a request.
func (l *listener) end(why error) {
	l.once.Do(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.failure = why
		close(l.stop)
		l.closing = l.Listener.Close()
		for conn := range l.conns {
			// a connection that fails here ends by itself
			_ = conn.SetReadDeadline(time.Unix(1, 0))
		}
	})
}

// Close ends the listener, see [Edge.Listener].
func (l *listener) Close() error {
	l.end(net.ErrClosed)
	l.running.Wait()
	return l.closing
}

// begun returns a connection from which bytes were read already.
func begun(conn net.Conn, read []byte) net.Conn {
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &begunTCP{TCPConn: tcp, read: read} // which keeps TCPConn's ReadFrom
	}
	return &begunConn{Conn: conn, read: read}
}

type begunTCP struct {
	*net.TCPConn
	read []byte
}

func (c *begunTCP) Read(p []byte) (int, error) {
	if len(c.read) > 0 {
		n := copy(p, c.read)
		c.read = c.read[n:]
		return n, nil
	}
	return c.TCPConn.Read(p)
}

type begunConn struct {
	net.Conn
	read []byte
}

func (c *begunConn) Read(p []byte) (int, error) {
	if len(c.read) > 0 {
		n := copy(p, c.read)
		c.read = c.read[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}
