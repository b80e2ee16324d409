package s3

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	aws "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

func (s *Service) getObject(q *request) error {
	part, err := q.part()
	if err != nil {
		return err
	}
	out, err := s.store.Get(q.ctx(), q.bucket, q.key, q.version, part)
	if err != nil {
		return s.readError(q, err, out != nil && out.DeleteMarker != nil)
	}
	closing := out.Body
	defer func() {
		if closing != nil {
			_ = closing.Close() // it was read only
		}
	}()
	status, err := s.describe(q, asHead(out))
	if err != nil {
		return err
	}
	if taker, ok := q.w.(bodyTaker); ok {
		closing = nil
		taker.takeBody(status, out.Body)
		return nil
	}
	q.w.WriteHeader(status)
	// The status is sent: an error can only end the connection early, which
	// net/http does when less than Content-Length is written.
	_, _ = io.Copy(q.w, out.Body)
	return nil
}

func (s *Service) headObject(q *request) error {
	part, err := q.part()
	if err != nil {
		return err
	}
	out, err := s.store.Head(q.ctx(), q.bucket, q.key, q.version, part)
	if err != nil {
		return s.readError(q, err, out != nil && out.DeleteMarker != nil)
	}
	status, err := s.describe(q, out)
	if err != nil {
		return err
	}
	return q.done(status)
}

// part is what of the object the request asks for.
func (q *request) part() (objects.Part, error) {
	part := objects.Part{Range: q.Header.Get("Range")}
	if number := q.query.Get("partNumber"); number != "" {
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n < 1 || n > 10000 {
			return part, invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number)
		}
		if part.Range != "" {
			return part, fail("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
		}
		part.Number = ptr(int32(n))
	}
	return part, nil
}

// readError turns an error of a read into S3's. Whether a key exists is told
// to those only who may list the bucket.
func (s *Service) readError(q *request, err error, marker bool) error {
	f := asFailure(err)
	switch f.code {
	case "NoSuchKey", "NoSuchVersion":
		if listable := s.authorize(q, "s3:ListBucket", q.bucket, ""); listable != nil {
			return listable
		}
		if q.version != "" {
			return known("NoSuchVersion").with("Key", q.key).with("VersionId", q.version)
		}
		if id, err := s.store.CurrentVersion(q.bucket, q.key); err == nil && id != "" {
			q.w.Header().Set("X-Amz-Delete-Marker", "true")
			q.w.Header().Set("X-Amz-Version-Id", id)
		}
		return noSuchKey(q.key)
	case "MethodNotAllowed":
		if marker {
			q.w.Header().Set("X-Amz-Delete-Marker", "true")
			q.w.Header().Set("X-Amz-Version-Id", q.version)
			q.w.Header().Set("Allow", "DELETE")
		}
		return known("MethodNotAllowed").with("Method", q.Method).with("ResourceType", "DeleteMarker")
	case "InvalidArgument":
		if q.version != "" {
			return invalidArgument("Invalid version id specified", "versionId", q.version)
		}
	case "InvalidRange":
		return known("InvalidRange").with("RangeRequested", q.Header.Get("Range"))
	}
	return err
}

// asHead is what a GET answers besides the body.
func asHead(out *aws.GetObjectOutput) *aws.HeadObjectOutput {
	return &aws.HeadObjectOutput{
		ContentLength: out.ContentLength, ContentRange: out.ContentRange, ContentType: out.ContentType,
		ContentEncoding: out.ContentEncoding, ContentDisposition: out.ContentDisposition, ContentLanguage: out.ContentLanguage,
		CacheControl: out.CacheControl, ExpiresString: out.ExpiresString, ETag: out.ETag, LastModified: out.LastModified,
		Metadata: out.Metadata, VersionId: out.VersionId, TagCount: out.TagCount, PartsCount: out.PartsCount,
		WebsiteRedirectLocation: out.WebsiteRedirectLocation, ChecksumType: out.ChecksumType,
		ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C, ChecksumSHA1: out.ChecksumSHA1,
		ChecksumSHA256: out.ChecksumSHA256, ChecksumCRC64NVME: out.ChecksumCRC64NVME,
	}
}

// describe sets the headers of an object and answers the status: 200, 206, or
// a failure when a condition of the request does not hold.
func (s *Service) describe(q *request, out *aws.HeadObjectOutput) (int, error) {
	header := q.w.Header()
	sse, key, metadata := splitMetadata(out.Metadata)
	if q.who.isOAI() && sse == kms {
		return 0, known("AccessDenied") // an identity cannot use keys
	}
	if err := q.overrides(); err != nil {
		return 0, err
	}
	etag := quote(text(out.ETag))
	header.Set("Etag", etag)
	modified := *out.LastModified
	header.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
	set := func(name string, value *string) {
		if value != nil && *value != "" {
			header.Set(name, *value)
		}
	}
	set("Cache-Control", out.CacheControl)
	if status, err := s.store.Versioning(q.ctx(), q.bucket); err != nil {
		return 0, err
	} else if status != "" {
		id := text(out.VersionId)
		if id == "" {
			id = objects.NullVersion
		}
		header.Set("X-Amz-Version-Id", id)
	}
	if err := readConditions(q.Header, etag, modified); err != nil {
		return 0, err
	}
	contentType := text(out.ContentType)
	if contentType == "" {
		contentType = defaultType
	}
	header.Set("Content-Type", contentType)
	header.Set("Accept-Ranges", "bytes")
	header.Set("Content-Length", strconv.FormatInt(*out.ContentLength, 10))
	set("Content-Encoding", out.ContentEncoding)
	set("Content-Disposition", out.ContentDisposition)
	set("Content-Language", out.ContentLanguage)
	set("Expires", out.ExpiresString)
	set("X-Amz-Website-Redirect-Location", out.WebsiteRedirectLocation)
	header.Set("X-Amz-Server-Side-Encryption", sse)
	set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", nonEmpty(key))
	for name, value := range metadata {
		header["X-Amz-Meta-"+http.CanonicalHeaderKey(name)] = []string{value}
	}
	if out.TagCount != nil && *out.TagCount > 0 {
		header.Set("X-Amz-Tagging-Count", itoa(int64(*out.TagCount)))
	}
	if out.PartsCount != nil {
		header.Set("X-Amz-Mp-Parts-Count", itoa(int64(*out.PartsCount)))
	}
	if strings.EqualFold(q.Header.Get("X-Amz-Checksum-Mode"), string(types.ChecksumModeEnabled)) && out.ContentRange == nil {
		set("X-Amz-Checksum-Crc32", out.ChecksumCRC32)
		set("X-Amz-Checksum-Crc32c", out.ChecksumCRC32C)
		set("X-Amz-Checksum-Sha1", out.ChecksumSHA1)
		set("X-Amz-Checksum-Sha256", out.ChecksumSHA256)
		set("X-Amz-Checksum-Crc64nvme", out.ChecksumCRC64NVME)
		set("X-Amz-Checksum-Type", nonEmpty(string(out.ChecksumType)))
	}
	q.override(header)
	if out.ContentRange != nil {
		header.Set("Content-Range", *out.ContentRange)
		return http.StatusPartialContent, nil
	}
	return http.StatusOK, nil
}

// overridable are the headers that a signed request may choose.
var overridable = []string{"Content-Type", "Content-Language", "Expires", "Cache-Control", "Content-Disposition", "Content-Encoding"}

func (q *request) overrides() error {
	for _, name := range overridable {
		if q.query.Has("response-"+strings.ToLower(name)) && q.who.Anonymous() {
			return fail("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
		}
	}
	return nil
}

func (q *request) override(header http.Header) {
	for _, name := range overridable {
		if value := q.query.Get("response-" + strings.ToLower(name)); value != "" {
			header.Set(name, value)
		}
	}
}

// readConditions evaluates the conditions of a read in the order of RFC 9110.
// An If-Match that holds makes If-Unmodified-Since moot, and an If-None-Match
// makes If-Modified-Since so.
func readConditions(header http.Header, etag string, modified time.Time) error {
	notModified := fail("NotModified", "Not Modified")
	at := func(name string) (time.Time, bool) {
		t, err := http.ParseTime(header.Get(name))
		return t, err == nil
	}
	if match := header.Get("If-Match"); match != "" {
		if !matchesTag(match, etag) {
			return known("PreconditionFailed").with("Condition", "If-Match")
		}
	} else if since, ok := at("If-Unmodified-Since"); ok && second(modified).After(since) {
		return known("PreconditionFailed").with("Condition", "If-Unmodified-Since")
	}
	if match := header.Get("If-None-Match"); match != "" {
		if matchesTag(match, etag) {
			return notModified
		}
	} else if since, ok := at("If-Modified-Since"); ok && !second(modified).After(since) {
		return notModified
	}
	return nil
}

func matchesTag(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == "*" || bare(one) == bare(etag) {
			return true
		}
	}
	return false
}
