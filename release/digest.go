package release

import (
	"crypto/md5" //nolint:gosec // S3's ETags are MD5; what counts here is SHA-256
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// PartBytes is the size of a part, and the size above which an object is
// written in parts. It is the smallest that S3 takes, to bound memory; with it
// the largest file has 1,024 parts of the 10,000 that S3 allows.
const PartBytes = 5 << 20

// Digest is what a file's content is known by.
type Digest struct {
	Size int64
	// SHA256 is in hexadecimal.
	SHA256 string
	// MD5 is the ETag of the content written in one call, and Multipart the
	// one of the content written in parts of PartBytes; empty for content that
	// is not written in parts.
	MD5       string
	Multipart string
}

// Matches reports whether an ETag is one that this content can have.
func (d Digest) Matches(etag string) bool {
	return etag != "" && (etag == d.MD5 || etag == d.Multipart)
}

// Digester computes digests one after the other; it is not for use by several
// goroutines. Its zero value is ready.
type Digester struct {
	sha, whole, part hash.Hash
	buffer           []byte
}

// Read reads content of a stated size to its end and returns its digest.
func (d *Digester) Read(content io.Reader, size int64) (Digest, error) {
	if d.sha == nil {
		d.sha, d.whole, d.part = sha256.New(), md5.New(), md5.New() //nolint:gosec // see the import
		d.buffer = make([]byte, 64<<10)
	}
	d.sha.Reset()
	d.whole.Reset()
	d.part.Reset()
	var sums []byte
	var read, inPart int64
	for {
		n, err := content.Read(d.buffer)
		chunk := d.buffer[:n]
		read += int64(n)
		d.sha.Write(chunk)
		d.whole.Write(chunk)
		for size > PartBytes && len(chunk) > 0 {
			take := min(int64(len(chunk)), PartBytes-inPart)
			d.part.Write(chunk[:take])
			chunk, inPart = chunk[take:], inPart+take
			if inPart == PartBytes {
				sums, inPart = d.part.Sum(sums), 0
				d.part.Reset()
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return Digest{}, err
		}
	}
	digest := Digest{Size: read, SHA256: hex.EncodeToString(d.sha.Sum(nil)), MD5: hex.EncodeToString(d.whole.Sum(nil))}
	if size > PartBytes {
		if inPart > 0 {
			sums = d.part.Sum(sums)
		}
		all := md5.Sum(sums) //nolint:gosec // see the import
		digest.Multipart = fmt.Sprintf("%s-%d", hex.EncodeToString(all[:]), len(sums)/md5.Size)
	}
	return digest, nil
}
