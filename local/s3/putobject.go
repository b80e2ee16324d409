package s3

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/versity/versitygw/s3response"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

const (
	defaultType = "binary/octet-stream"
	aes256      = "AES256"
	kms         = "aws:kms"
	// Metadata that the front keeps for itself: no client can send these
	// names, a header's name has no slash.
	sseMeta = "mayfly/sse"
	keyMeta = "mayfly/sse-key"
	// largestMetadata is S3's limit for names and values together, in bytes.
	largestMetadata = 2048
)

func (s *Service) putObject(q *request) error {
	attributes, err := s.attributes(q)
	if err != nil {
		return err
	}
	condition, err := writeCondition(q.Header, q.key)
	if err != nil {
		return err
	}
	content, err := openBody(q.Request)
	if err != nil {
		return err
	}
	input := attributes.put()
	input.ContentLength, input.Body = &content.length, content.reader()
	setChecksums(q.Header, &input)
	out, err := s.store.Put(q.ctx(), q.bucket, q.key, input, condition)
	if err != nil {
		return err
	}
	header := q.w.Header()
	header.Set("Etag", quote(out.ETag))
	if out.VersionID != "" {
		header.Set("X-Amz-Version-Id", out.VersionID)
	}
	attributes.answer(header)
	for name, sum := range map[string]*string{
		"X-Amz-Checksum-Crc32": out.ChecksumCRC32, "X-Amz-Checksum-Crc32c": out.ChecksumCRC32C,
		"X-Amz-Checksum-Sha1": out.ChecksumSHA1, "X-Amz-Checksum-Sha256": out.ChecksumSHA256,
		"X-Amz-Checksum-Crc64nvme": out.ChecksumCRC64NVME,
	} {
		if sum != nil {
			header.Set(name, *sum)
		}
	}
	header.Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	return q.done(http.StatusOK)
}

// reader is the outermost reader: the store looks at its type for a trailing checksum.
func (b *body) reader() interface{ Read([]byte) (int, error) } { return b.Reader }

func setChecksums(header http.Header, input *s3response.PutObjectInput) {
	input.ChecksumCRC32 = nonEmpty(header.Get("X-Amz-Checksum-Crc32"))
	input.ChecksumCRC32C = nonEmpty(header.Get("X-Amz-Checksum-Crc32c"))
	input.ChecksumSHA1 = nonEmpty(header.Get("X-Amz-Checksum-Sha1"))
	input.ChecksumSHA256 = nonEmpty(header.Get("X-Amz-Checksum-Sha256"))
	input.ChecksumCRC64NVME = nonEmpty(header.Get("X-Amz-Checksum-Crc64nvme"))
}

// attributes are what a client says about an object that it writes.
type attributes struct {
	header   http.Header
	encoding string
	metadata map[string]string
	tagging  string
	sse, key string
}

// attributes reads and checks the headers of a write.
func (s *Service) attributes(q *request) (*attributes, error) {
	if err := q.unsupported(); err != nil {
		return nil, err
	}
	a := &attributes{header: q.Header, encoding: withoutChunked(q.Header.Get("Content-Encoding")), metadata: map[string]string{}}
	size := 0
	for name, values := range q.Header {
		if short, ok := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-"); ok {
			a.metadata[short] = strings.Join(values, ",")
			size += len(short) + len(a.metadata[short])
		}
	}
	if size > largestMetadata {
		return nil, known("MetadataTooLarge").with("Size", itoa(int64(size))).with("MaxSizeAllowed", itoa(largestMetadata))
	}
	if a.tagging = q.Header.Get("X-Amz-Tagging"); a.tagging != "" {
		tags, err := parseTagging(a.tagging)
		if err != nil {
			return nil, err
		}
		a.tagging = encodeTags(tags)
	}
	a.sse, a.key = q.record.defaultEncryption()
	if sse := q.Header.Get("X-Amz-Server-Side-Encryption"); sse != "" {
		if sse != aes256 && sse != kms {
			return nil, invalidArgument("The encryption method specified is not supported", "x-amz-server-side-encryption", sse)
		}
		a.sse, a.key = sse, q.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
	}
	if a.sse != aes256 {
		a.metadata[sseMeta], a.metadata[keyMeta] = a.sse, a.key
	}
	return a, nil
}

// unsupported refuses what would silently not happen.
func (q *request) unsupported() error {
	if q.Header.Get("X-Amz-Server-Side-Encryption-Customer-Algorithm") != "" {
		return notImplemented(q.operation + " with a customer's encryption key")
	}
	if class := q.Header.Get("X-Amz-Storage-Class"); class != "" && class != "STANDARD" {
		switch class {
		case "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE", "OUTPOSTS", "SNOW":
			return notImplemented(q.operation + " with storage class " + class)
		}
		return fail("InvalidStorageClass", "The storage class you specified is not valid").with("StorageClassRequested", class)
	}
	for _, name := range []string{"X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Retain-Until-Date", "X-Amz-Object-Lock-Legal-Hold"} {
		if q.Header.Get(name) != "" {
			return fail("InvalidRequest", "Bucket is missing Object Lock Configuration")
		}
	}
	return q.checkObjectACL()
}

func (a *attributes) value(name string) *string { return nonEmpty(a.header.Get(name)) }

func (a *attributes) contentType() *string {
	if value := a.header.Get("Content-Type"); value != "" {
		return &value
	}
	return ptr(defaultType)
}

func (a *attributes) put() s3response.PutObjectInput {
	return s3response.PutObjectInput{
		ContentType: a.contentType(), ContentEncoding: nonEmpty(a.encoding), ContentDisposition: a.value("Content-Disposition"),
		ContentLanguage: a.value("Content-Language"), CacheControl: a.value("Cache-Control"), Expires: a.value("Expires"),
		WebsiteRedirectLocation: a.value("X-Amz-Website-Redirect-Location"), Tagging: nonEmpty(a.tagging), Metadata: a.metadata,
	}
}

func (a *attributes) answer(header http.Header) { answerEncryption(header, a.sse, a.key) }

func answerEncryption(header http.Header, sse, key string) {
	header.Set("X-Amz-Server-Side-Encryption", sse)
	if key != "" {
		header.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", key)
	}
}

// splitMetadata parts what clients see from what the front keeps for itself.
func splitMetadata(all map[string]string) (sse, key string, metadata map[string]string) {
	sse, metadata = aes256, make(map[string]string, len(all))
	for name, value := range all {
		switch name {
		case sseMeta:
			sse = value
		case keyMeta:
			key = value
		default:
			metadata[name] = value
		}
	}
	return sse, key, metadata
}

// withoutChunked is a Content-Encoding as the object keeps it.
func withoutChunked(header string) string {
	var kept []string
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one != "" && !strings.EqualFold(one, "aws-chunked") {
			kept = append(kept, one)
		}
	}
	return strings.Join(kept, ",")
}

// writeCondition reads the conditions of a write; it is nil without any.
func writeCondition(header http.Header, key string) (objects.Condition, error) {
	match, noneMatch := header.Get("If-Match"), header.Get("If-None-Match")
	if match == "" && noneMatch == "" {
		return nil, nil
	}
	if match != "" && noneMatch != "" || noneMatch != "" && noneMatch != "*" || match == "*" {
		return nil, fail("NotImplemented", "A header you provided implies functionality that is not implemented").with("Header", "If-None-Match")
	}
	return func(etag string, exists bool) error {
		switch {
		case noneMatch != "" && exists:
			return known("PreconditionFailed").with("Condition", "If-None-Match")
		case match != "" && !exists:
			return noSuchKey(key)
		case match != "" && bare(match) != bare(etag):
			return known("PreconditionFailed").with("Condition", "If-Match")
		}
		return nil
	}, nil
}

// parseTagging reads tags in the form of a query.
func parseTagging(query string) ([]tag, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fail("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	var tags []tag
	for name, list := range values {
		if len(list) != 1 {
			return nil, fail("InvalidArgument", "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		tags = append(tags, tag{Key: name, Value: list[0]})
	}
	return tags, checkTags(tags, 10)
}

func encodeTags(tags []tag) string {
	values := url.Values{}
	for _, t := range tags {
		values.Set(t.Key, t.Value)
	}
	return values.Encode()
}
