package s3

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	aws "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

// A source is the object that a copy reads.
type source struct{ bucket, key, version string }

// source reads X-Amz-Copy-Source and checks that the caller may read it.
func (s *Service) source(q *request) (source, error) {
	header := q.Header.Get("X-Amz-Copy-Source")
	invalid := invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey", "x-amz-copy-source", header)
	path, query, _ := strings.Cut(header, "?")
	path, err := url.PathUnescape(path)
	if err != nil {
		return source{}, invalid
	}
	from := source{}
	var ok bool
	from.bucket, from.key, ok = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || from.bucket == "" || from.key == "" {
		return source{}, invalid
	}
	if version, found := strings.CutPrefix(query, "versionId="); found {
		from.version = version
	}
	if _, exists := s.registry.get(from.bucket); !exists {
		return source{}, noSuchBucket(from.bucket)
	}
	return from, s.authorize(q, actionOf("GetObject", from.version), from.bucket, from.key)
}

// open opens the source, once its conditions hold.
func (s *Service) open(q *request, from source, part objects.Part) (*aws.GetObjectOutput, error) {
	out, err := s.store.Get(q.ctx(), from.bucket, from.key, from.version, part)
	if err != nil {
		if f := asFailure(err); f.code == "NoSuchKey" && from.version != "" {
			return nil, known("NoSuchVersion").with("Key", from.key).with("VersionId", from.version)
		} else if f.code == "NoSuchKey" {
			return nil, noSuchKey(from.key)
		}
		return nil, err
	}
	conditions := http.Header{}
	for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		if value := q.Header.Get("X-Amz-Copy-Source-" + name); value != "" {
			conditions.Set(name, value)
		}
	}
	if readConditions(conditions, text(out.ETag), *out.LastModified) != nil {
		_ = out.Body.Close() // it was read only
		return nil, known("PreconditionFailed")
	}
	if status, err := s.store.Versioning(q.ctx(), from.bucket); err == nil && status != "" {
		id := text(out.VersionId)
		if id == "" {
			id = objects.NullVersion
		}
		q.w.Header().Set("X-Amz-Copy-Source-Version-Id", id)
	}
	return out, nil
}

type copyResult struct {
	XMLName      xml.Name
	LastModified string
	ETag         string
}

func (s *Service) copyObject(q *request) error {
	from, err := s.source(q)
	if err != nil {
		return err
	}
	attributes, err := s.attributes(q)
	if err != nil {
		return err
	}
	replace, err := directive(q.Header, "X-Amz-Metadata-Directive")
	if err != nil {
		return err
	}
	retag, err := directive(q.Header, "X-Amz-Tagging-Directive")
	if err != nil {
		return err
	}
	if from == (source{bucket: q.bucket, key: q.key}) && !replace && q.Header.Get("X-Amz-Server-Side-Encryption") == "" && q.Header.Get("X-Amz-Website-Redirect-Location") == "" {
		return fail("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	condition, err := writeCondition(q.Header, q.key)
	if err != nil {
		return err
	}
	out, err := s.open(q, from, objects.Part{})
	if err != nil {
		return err
	}
	defer func() { _ = out.Body.Close() }() // it was read only
	input := attributes.put()
	if !replace {
		copyAttributes(&input, out, attributes)
	}
	if !retag {
		tags, err := s.store.Tags(q.ctx(), from.bucket, from.key, from.version)
		if err != nil {
			return err
		}
		values := url.Values{}
		for name, value := range tags {
			values.Set(name, value)
		}
		input.Tagging = nonEmpty(values.Encode())
	}
	input.ContentLength, input.Body = out.ContentLength, out.Body
	written, err := s.store.Put(q.ctx(), q.bucket, q.key, input, condition)
	if err != nil {
		return err
	}
	if written.VersionID != "" {
		q.w.Header().Set("X-Amz-Version-Id", written.VersionID)
	}
	attributes.answer(q.w.Header())
	return q.answer(http.StatusOK, copyResult{
		XMLName: xml.Name{Space: "http://s3.amazonaws.com/doc/2006-03-01/", Local: "CopyObjectResult"}, LastModified: iso(q.now), ETag: quote(written.ETag),
	})
}

// directive reads COPY (false, the default) or REPLACE.
func directive(header http.Header, name string) (bool, error) {
	switch value := header.Get(name); value {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	default:
		return false, invalidArgument("Unknown directive.", strings.ToLower(name), value)
	}
}

// copyAttributes takes over what the source has, but for its encryption: that
// is the destination's.
func copyAttributes(input *s3response.PutObjectInput, out *aws.GetObjectOutput, destination *attributes) {
	input.ContentType, input.ContentEncoding, input.ContentDisposition = out.ContentType, out.ContentEncoding, out.ContentDisposition
	input.ContentLanguage, input.CacheControl, input.Expires = out.ContentLanguage, out.CacheControl, out.ExpiresString
	_, _, metadata := splitMetadata(out.Metadata)
	if destination.sse != aes256 {
		metadata[sseMeta], metadata[keyMeta] = destination.sse, destination.key
	}
	input.Metadata = metadata
}

func (s *Service) uploadPartCopy(q *request) error {
	number, err := q.partNumber()
	if err != nil {
		return err
	}
	from, err := s.source(q)
	if err != nil {
		return err
	}
	part := objects.Part{Range: q.Header.Get("X-Amz-Copy-Source-Range")}
	if part.Range != "" && !validCopyRange(part.Range) {
		return invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy", "x-amz-copy-source-range", part.Range)
	}
	out, err := s.open(q, from, part)
	if err != nil {
		return err
	}
	defer func() { _ = out.Body.Close() }() // it was read only
	written, err := s.store.UploadPart(q.ctx(), q.bucket, q.key, q.query.Get("uploadId"), aws.UploadPartInput{
		PartNumber: &number, ContentLength: out.ContentLength, Body: out.Body,
	})
	if err != nil {
		return uploadError(err)
	}
	return q.answer(http.StatusOK, copyResult{
		XMLName: xml.Name{Space: "http://s3.amazonaws.com/doc/2006-03-01/", Local: "CopyPartResult"}, LastModified: iso(q.now), ETag: quote(text(written.ETag)),
	})
}

func validCopyRange(value string) bool {
	span, ok := strings.CutPrefix(value, "bytes=")
	if !ok {
		return false
	}
	first, last, ok := strings.Cut(span, "-")
	if !ok {
		return false
	}
	a, errA := strconv.ParseUint(first, 10, 63)
	b, errB := strconv.ParseUint(last, 10, 63)
	return errA == nil && errB == nil && a <= b
}
