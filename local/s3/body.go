package s3

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/versity/versitygw/s3api/utils"
)

// largestPut is the largest object of one PUT.
const largestPut = 5 << 30

// A body is the content of a request as the client meant it: out of its
// chunks, of the length announced, and with the digests announced.
type body struct {
	io.Reader
	length int64
}

// trailed is a body whose checksum comes after it; the store asks it for the sum.
type trailed struct {
	*utils.HashReader
	name string
	sum  string
}

// Algorithm is the name of the checksum, in lower case.
func (t *trailed) Algorithm() string { return t.name }

// Checksum is the checksum, once all is read.
func (t *trailed) Checksum() string { return t.sum }

// openBody prepares the body of an upload. Errors of its Read are failures.
func openBody(r *http.Request) (*body, error) {
	declared := r.Header.Get("X-Amz-Content-Sha256")
	var reader io.Reader = r.Body
	length := r.ContentLength
	var decoder *chunks
	if strings.HasPrefix(declared, "STREAMING-") || hasToken(r.Header.Get("Content-Encoding"), "aws-chunked") {
		decoded, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
		if err != nil || decoded < 0 {
			return nil, known("MissingContentLength")
		}
		length = decoded
		decoder = newChunks(r.Body, r.Header.Get("X-Amz-Trailer"))
		reader = decoder
	}
	if length < 0 {
		return nil, known("MissingContentLength")
	}
	if length > largestPut {
		return nil, known("EntityTooLarge").with("ProposedSize", strconv.FormatInt(length, 10)).with("MaxSizeAllowed", strconv.Itoa(largestPut))
	}
	reader = &exact{reader: reader, left: length}
	if len(declared) == 64 {
		hashed, err := utils.NewHashReader(reader, strings.ToLower(declared), utils.HashTypeSha256Hex)
		if err != nil {
			return nil, err
		}
		reader = hashed
	}
	if md5 := r.Header.Get("Content-Md5"); md5 != "" {
		if sum, err := base64.StdEncoding.DecodeString(md5); err != nil || len(sum) != 16 {
			return nil, known("InvalidDigest").with("Content-MD5", md5)
		}
		hashed, err := utils.NewHashReader(reader, md5, utils.HashTypeContentMD5)
		if err != nil {
			return nil, err
		}
		reader = hashed
	}
	if decoder != nil && decoder.checksum != "" {
		hashed, err := utils.NewHashReader(reader, "", utils.HashType(decoder.checksum))
		if err != nil {
			return nil, fail("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
		}
		reader = &trailing{trailed: trailed{HashReader: hashed, name: decoder.checksum}, decoder: decoder}
	}
	return &body{Reader: reader, length: length}, nil
}

// trailing compares the checksum after the body with what was read.
type trailing struct {
	trailed
	decoder *chunks
}

func (t *trailing) Read(p []byte) (int, error) {
	n, err := t.HashReader.Read(p)
	if errors.Is(err, io.EOF) {
		t.sum = t.Sum()
		announced, ok := t.decoder.trailer("x-amz-checksum-" + t.name)
		if !ok {
			return n, fail("MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
		}
		if announced != t.sum {
			return n, fail("BadDigest", "The "+strings.ToUpper(t.name)+" you specified did not match the calculated checksum.")
		}
	}
	return n, err
}

// exact is a reader of exactly so many bytes. An end that comes early is an
// error of its own kind: the store would take io.ErrUnexpectedEOF for the end
// of the object and keep half of it.
type exact struct {
	reader io.Reader
	left   int64
}

func (e *exact) Read(p []byte) (int, error) {
	if e.left == 0 {
		// What follows the content (the last chunk, trailers) must be there too.
		n, err := e.reader.Read(p[:min(len(p), 1)])
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return 0, e.broken(err)
		}
		return 0, err
	}
	n, err := e.reader.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err != nil && e.left > 0 {
		return n, e.broken(err)
	}
	if errors.Is(err, io.EOF) {
		err = nil // asked for again below, once nothing is left
		if n == 0 {
			err = io.EOF
		}
	}
	return n, err
}

func (e *exact) broken(err error) error {
	var own *failure
	if errors.As(err, &own) {
		return own
	}
	return known("IncompleteBody")
}

// read reads a whole small body, such as an XML document, and checks its digests.
func (q *request) read(limit int64) ([]byte, error) {
	if q.ContentLength == 0 || q.Body == nil {
		return nil, nil
	}
	content, err := openBody(q.Request)
	if err != nil {
		return nil, err
	}
	if content.length > limit {
		return nil, fail("EntityTooLarge", messages["EntityTooLarge"])
	}
	var reader io.Reader = content
	for _, algorithm := range checksumAlgorithms {
		if sum := q.Header.Get("X-Amz-Checksum-" + algorithm); sum != "" {
			hashed, err := utils.NewHashReader(reader, sum, utils.HashType(strings.ToLower(algorithm)))
			if err != nil {
				return nil, err
			}
			reader = hashed
		}
	}
	return io.ReadAll(reader)
}

// checksumAlgorithms are those of the x-amz-checksum-* headers.
var checksumAlgorithms = []string{"CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"}

func hasToken(header, token string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if strings.EqualFold(strings.TrimSpace(one), token) {
			return true
		}
	}
	return false
}
