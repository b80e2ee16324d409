package s3

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// chunks decodes an aws-chunked body: chunks with their size in hexadecimal
// and perhaps a signature, a chunk of size 0, and trailing headers. Signatures
// are not verified, as nowhere in this S3.
type chunks struct {
	reader   *bufio.Reader
	left     int64 // of the chunk under way
	started  bool
	ended    bool
	checksum string // the algorithm of the trailing checksum, in lower case
	trailers map[string]string
}

// longestLine bounds a chunk's or a trailer's line.
const longestLine = 4096

func newChunks(r io.Reader, announced string) *chunks {
	c := &chunks{reader: bufio.NewReaderSize(r, 32<<10), trailers: map[string]string{}}
	for name := range strings.SplitSeq(announced, ",") {
		if algorithm, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(name)), "x-amz-checksum-"); ok {
			c.checksum = algorithm
		}
	}
	return c
}

func (c *chunks) trailer(name string) (string, bool) {
	value, ok := c.trailers[name]
	return value, ok
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.ended {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if c.left == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
		if c.ended {
			return 0, io.EOF
		}
	}
	n, err := c.reader.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = known("IncompleteBody")
	}
	return n, err
}

// next reads up to the first byte of the next chunk, or to the end.
func (c *chunks) next() error {
	if c.started {
		if line, err := c.line(); err != nil || line != "" {
			return badChunk(err)
		}
	}
	c.started = true
	line, err := c.line()
	if err != nil {
		return badChunk(err)
	}
	size, _, _ := strings.Cut(line, ";")
	c.left, err = strconv.ParseInt(strings.TrimSpace(size), 16, 64)
	if err != nil || c.left < 0 {
		return badChunk(nil)
	}
	if c.left > 0 {
		return nil
	}
	c.ended = true
	for {
		line, err := c.line()
		if errors.Is(err, io.EOF) || err == nil && line == "" {
			return nil // some clients leave out the last empty line
		}
		if err != nil {
			return badChunk(err)
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return fail("MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
		}
		c.trailers[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
}

func (c *chunks) line() (string, error) {
	var line []byte
	for {
		part, err := c.reader.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > longestLine {
			return "", badChunk(nil)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			if len(line) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		return strings.TrimRight(string(line), "\r\n"), nil
	}
}

func badChunk(err error) error {
	if err != nil {
		return known("IncompleteBody")
	}
	return fail("InvalidChunkSizeError", "The chunks of the request's body are malformed.")
}
