package s3_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func TestConditionsOfReadsAndWrites(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	f.versionedBucket("cond")
	b, k := aws.String("cond"), aws.String("k")
	put := func(match, none string) (*s3.PutObjectOutput, error) {
		input := &s3.PutObjectInput{Bucket: b, Key: k, Body: strings.NewReader("one")}
		if match != "" {
			input.IfMatch = &match
		}
		if none != "" {
			input.IfNoneMatch = &none
		}
		return f.PutObject(ctx, input)
	}
	_, err := put(`"0123"`, "")
	wantCode(t, err, "NoSuchKey")
	first, err := put("", "*")
	must(t, err)
	_, err = put("", "*")
	wantCode(t, err, "PreconditionFailed")
	_, err = put(`"0123"`, "")
	wantCode(t, err, "PreconditionFailed")
	_, err = put(*first.ETag, "")
	must(t, err)
	_, err = put("", `"0123"`)
	wantCode(t, err, "NotImplemented")
	_, err = f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: k})
	must(t, err)
	_, err = put("", "*") // behind a marker there is no object
	must(t, err)

	at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for _, test := range []struct {
		name   string
		header map[string]string
		status int
	}{
		{"If-None-Match with its tag", map[string]string{"If-None-Match": *first.ETag}, 304},
		{"If-None-Match with a weak tag", map[string]string{"If-None-Match": "W/" + *first.ETag}, 304},
		{"If-None-Match with another", map[string]string{"If-None-Match": `"x"`}, 200},
		{"If-Match with its tag", map[string]string{"If-Match": *first.ETag}, 200},
		{"If-Match with another", map[string]string{"If-Match": `"x"`}, 412},
		{"If-Modified-Since later", map[string]string{"If-Modified-Since": at}, 304},
		{"If-None-Match wins over If-Modified-Since", map[string]string{"If-Modified-Since": at, "If-None-Match": `"x"`}, 200},
		{"If-Unmodified-Since long ago", map[string]string{"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 412},
		{"If-Match wins over If-Unmodified-Since", map[string]string{"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT", "If-Match": "*"}, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.header["Authorization"] = signature
			response, body := f.raw("GET", "/cond/k", test.header, "")
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
			if response.StatusCode == http.StatusNotModified && (body != "" || response.Header.Get("Etag") == "") {
				t.Errorf("304 with body %q and tag %q", body, response.Header.Get("Etag"))
			}
		})
	}
}

func TestAnObjectKeepsWhatWasSaidAboutIt(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	f.versionedBucket("meta")
	_, err := f.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("meta"), Key: aws.String("k"), Body: strings.NewReader("0123456789"), ContentType: aws.String("text/html"),
		CacheControl: aws.String("max-age=60"), ContentEncoding: aws.String("gzip"), ContentDisposition: aws.String("inline"), ContentLanguage: aws.String("de"),
		Metadata: map[string]string{"Release": "r1"}, Tagging: aws.String("a=1&b=2"),
	})
	must(t, err)
	check := func(key string) {
		t.Helper()
		out, err := f.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("meta"), Key: &key, Range: aws.String("bytes=2-4"), ResponseContentType: aws.String("text/plain")})
		must(t, err)
		defer out.Body.Close()
		body, err := io.ReadAll(out.Body)
		must(t, err)
		if string(body) != "234" || *out.ContentRange != "bytes 2-4/10" || *out.ContentLength != 3 {
			t.Errorf("range: %q %s", body, *out.ContentRange)
		}
		if *out.ContentType != "text/plain" || *out.CacheControl != "max-age=60" || *out.ContentEncoding != "gzip" || *out.ContentDisposition != "inline" || *out.ContentLanguage != "de" || out.Metadata["release"] != "r1" || *out.TagCount != 2 || out.ServerSideEncryption != "AES256" {
			t.Errorf("attributes: %+v", out)
		}
	}
	check("k")
	_, err = f.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("meta"), Key: aws.String("copy/of k"), CopySource: aws.String("meta/k")})
	must(t, err)
	check("copy/of k")
	_, err = f.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("meta"), Key: aws.String("k"), CopySource: aws.String("meta/k")})
	wantCode(t, err, "InvalidRequest")
	_, err = f.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("meta"), Key: aws.String("k"), CopySource: aws.String("meta/k"), MetadataDirective: "REPLACE", ContentType: aws.String("text/css")})
	must(t, err)
	head, err := f.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("meta"), Key: aws.String("k")})
	must(t, err)
	if *head.ContentType != "text/css" || head.CacheControl != nil || *head.ContentLength != 10 {
		t.Errorf("replaced: %+v", head)
	}
	_, err = f.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("meta"), Key: aws.String("k"), Range: aws.String("bytes=20-")})
	wantCode(t, err, "InvalidRange")
	response, _ := f.raw("PUT", "/meta/big", map[string]string{"Authorization": signature, "X-Amz-Meta-Big": strings.Repeat("x", 2100)}, "v")
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("too much metadata: %d", response.StatusCode)
	}
}

func TestAnOldVersionIsRestoredByACopy(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	f.versionedBucket("restore")
	v1 := f.put("restore", "k", "one")
	f.put("restore", "k", "two")
	out, err := f.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("restore"), Key: aws.String("k"), CopySource: aws.String("restore/k?versionId=" + v1)})
	must(t, err)
	if aws.ToString(out.CopySourceVersionId) != v1 || aws.ToString(out.VersionId) == "" || *out.VersionId == v1 {
		t.Errorf("versions of the copy: %+v", out)
	}
	if body, err := f.get("restore", "k", ""); err != nil || body != "one" {
		t.Errorf("restored: %q %v", body, err)
	}
	versions, err := f.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String("restore")})
	must(t, err)
	if len(versions.Versions) != 3 || !*versions.Versions[0].IsLatest || *versions.Versions[2].VersionId != v1 {
		t.Errorf("versions: %d", len(versions.Versions))
	}
	_, err = f.get("restore", "k", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
	wantCode(t, err, "NoSuchVersion")
	// Removing the current version brings the one before it back.
	_, err = f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("restore"), Key: aws.String("k"), VersionId: out.VersionId})
	must(t, err)
	if body, err := f.get("restore", "k", ""); err != nil || body != "two" {
		t.Errorf("the version before: %q %v", body, err)
	}
}

func TestKeysAreAnyText(t *testing.T) {
	f := start(t, local.Options{})
	f.versionedBucket("keys")
	keys := []string{"a", "a/b", "a/", "a//b", "a-b", "a b+c", "../up", "./here", ".sgwtmp/x", "ü/ñ", "q?x=1#y", "a/b/c", "%41", "\x01odd\x02"}
	for _, key := range keys {
		f.put("keys", key, "content of "+key)
	}
	for _, key := range keys {
		if body, err := f.get("keys", key, ""); err != nil || body != "content of "+key {
			t.Errorf("%q: %q %v", key, body, err)
		}
	}
	out, err := f.ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: aws.String("keys"), EncodingType: "url"})
	must(t, err)
	var got []string
	for _, object := range out.Contents {
		key, err := url.PathUnescape(*object.Key)
		must(t, err)
		got = append(got, key)
	}
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		t.Errorf("listed %q\n  want %q", got, keys)
	}
	// XML cannot carry a key with control characters; on S3 neither.
	odd := s3.ListObjectVersionsInput{Bucket: aws.String("keys"), Prefix: aws.String("\x01"), EncodingType: "url"}
	listed, err := f.ListObjectVersions(context.Background(), &odd)
	must(t, err)
	_, err = f.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: aws.String("keys"), Key: aws.String("\x01odd\x02"), VersionId: listed.Versions[0].VersionId})
	must(t, err)
	f.empty("keys")
	_, err = f.DeleteBucket(context.Background(), &s3.DeleteBucketInput{Bucket: aws.String("keys")})
	must(t, err)
	_, err = f.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("keys"), Key: aws.String(strings.Repeat("k", 1025)), Body: strings.NewReader("")})
	wantCode(t, err, "KeyTooLongError")
}

func TestDigestsAreChecked(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("sums")
	sum := md5.Sum([]byte("content"))
	good := base64.StdEncoding.EncodeToString(sum[:])
	for _, test := range []struct {
		name, header, value, want string
	}{
		{"the right MD5", "Content-Md5", good, ""},
		{"a wrong MD5", "Content-Md5", base64.StdEncoding.EncodeToString(make([]byte, 16)), "BadDigest"},
		{"no MD5", "Content-Md5", "nonsense", "InvalidDigest"},
		{"a wrong CRC32", "X-Amz-Checksum-Crc32", "AAAAAA==", "BadDigest"},
		{"a wrong SHA-256 of the payload", "X-Amz-Content-Sha256", strings.Repeat("0", 64), "XAmzContentSHA256Mismatch"},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, body := f.raw("PUT", "/sums/"+url.PathEscape(test.name), map[string]string{"Authorization": signature, test.header: test.value}, "content")
			if test.want == "" {
				if response.StatusCode != http.StatusOK {
					t.Errorf("%d %s", response.StatusCode, body)
				}
				return
			}
			if !strings.Contains(body, "<Code>"+test.want+"</Code>") {
				t.Errorf("%d %s, want %s", response.StatusCode, body, test.want)
			}
			if response, _ := f.raw("HEAD", "/sums/"+url.PathEscape(test.name), signed, ""); response.StatusCode != http.StatusNotFound {
				t.Errorf("it was stored: %d", response.StatusCode)
			}
		})
	}
}

// chunked is the body of an aws-chunked upload.
func chunked(trailer string, chunks ...string) string {
	var out strings.Builder
	for _, c := range chunks {
		fmt.Fprintf(&out, "%x;chunk-signature=%s\r\n%s\r\n", len(c), strings.Repeat("a", 64), c)
	}
	out.WriteString("0;chunk-signature=" + strings.Repeat("b", 64) + "\r\n" + trailer + "\r\n")
	return out.String()
}

func TestChunkedUploadsAreDecoded(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("chunks")
	const crc = "x-amz-checksum-crc32:DUoRhQ==\r\n" // of "hello world"
	for _, test := range []struct {
		name, sha, length, trailerName, body, want string
	}{
		{"signed chunks", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "11", "", chunked("", "hello ", "world"), ""},
		{"an empty object", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0", "", chunked(""), ""},
		{"a checksum after it", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "11", "x-amz-checksum-crc32", chunked(crc, "hello world"), ""},
		{"a wrong checksum after it", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "11", "x-amz-checksum-crc32", chunked("x-amz-checksum-crc32:AAAAAA==\r\n", "hello world"), "BadDigest"},
		{"a checksum that does not come", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "11", "x-amz-checksum-crc32", chunked("", "hello world"), "MalformedTrailerError"},
		{"a length that is too long", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "12", "", chunked("", "hello world"), "IncompleteBody"},
		{"a length that is too short", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "10", "", chunked("", "hello world"), "IncompleteBody"},
		{"no last chunk", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "5", "", "5\r\nhello\r\n", "IncompleteBody"},
		{"no chunks at all", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "5", "", "hello", "IncompleteBody"},
		{"a size of no kind", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "5", "", "xyz\r\nhello\r\n", "InvalidChunkSizeError"},
		{"no decoded length", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "", "", chunked("", "hello"), "MissingContentLength"},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := map[string]string{
				"Authorization": signature, "X-Amz-Content-Sha256": test.sha, "Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": test.length,
			}
			if test.trailerName != "" {
				header["X-Amz-Trailer"] = test.trailerName
			}
			path := "/chunks/" + url.PathEscape(test.name)
			response, body := f.raw("PUT", path, header, test.body)
			if test.want != "" {
				if !strings.Contains(body, "<Code>"+test.want+"</Code>") {
					t.Errorf("%d %s, want %s", response.StatusCode, body, test.want)
				}
				if response, _ := f.raw("HEAD", path, signed, ""); response.StatusCode != http.StatusNotFound {
					t.Errorf("it was stored: %d", response.StatusCode)
				}
				return
			}
			if response.StatusCode != http.StatusOK {
				t.Fatalf("%d %s", response.StatusCode, body)
			}
			response, body = f.raw("GET", path, signed, "")
			if want := map[string]string{"11": "hello world", "0": ""}[test.length]; body != want || response.Header.Get("Content-Encoding") != "" {
				t.Errorf("stored %q, encoding %q", body, response.Header.Get("Content-Encoding"))
			}
		})
	}
}

// A client that dies in the middle must not leave half an object.
func TestHalfABodyIsNoObject(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("half")
	address := strings.TrimPrefix(f.url, "http://")
	connection, err := net.Dial("tcp", address)
	must(t, err)
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "PUT /half/k HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Length: 100\r\n\r\nhalf", address, signature)
	must(t, err)
	must(t, connection.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(connection)
	must(t, err)
	if !bytes.Contains(answer, []byte("IncompleteBody")) {
		t.Errorf("answer: %s", answer)
	}
	_, err = f.get("half", "k", "")
	wantCode(t, err, "NoSuchKey")
}

func TestPresignedURLsExpire(t *testing.T) {
	now := &clock{time.Now()}
	f := start(t, local.Options{Clock: now.Now})
	f.bucket("presigned")
	presigner := s3.NewPresignClient(f.Client)
	request, err := presigner.PresignPutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("presigned"), Key: aws.String("k")}, s3.WithPresignExpires(time.Minute))
	must(t, err)
	path := strings.TrimPrefix(request.URL, f.url)
	if response, body := f.raw("PUT", path, nil, "uploaded"); response.StatusCode != http.StatusOK {
		t.Fatalf("in time: %d %s", response.StatusCode, body)
	}
	now.now = now.now.Add(2 * time.Minute)
	response, body := f.raw("PUT", path, nil, "late")
	if response.StatusCode != http.StatusForbidden || !strings.Contains(body, "<Message>Request has expired</Message>") {
		t.Errorf("too late: %d %s", response.StatusCode, body)
	}
	if got, err := f.get("presigned", "k", ""); err != nil || got != "uploaded" {
		t.Errorf("%q %v", got, err)
	}
	now.now = now.now.Add(-time.Hour)
	if response, body := f.raw("PUT", path, nil, "early"); response.StatusCode != http.StatusForbidden {
		t.Errorf("too early: %d %s", response.StatusCode, body)
	}
	if response, body := f.raw("PUT", "/presigned/k?X-Amz-Signature=abc", nil, "x"); response.StatusCode != http.StatusBadRequest || !strings.Contains(body, "AuthorizationQueryParametersError") {
		t.Errorf("half a signature: %d %s", response.StatusCode, body)
	}
}

func TestDeleteMarkersAreSeen(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	f.versionedBucket("marked")
	f.put("marked", "k", "v")
	marker, err := f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("marked"), Key: aws.String("k")})
	must(t, err)
	response, _ := f.raw("GET", "/marked/k", signed, "")
	if response.StatusCode != http.StatusNotFound || response.Header.Get("X-Amz-Delete-Marker") != "true" || response.Header.Get("X-Amz-Version-Id") != *marker.VersionId {
		t.Errorf("the key: %d %v", response.StatusCode, response.Header)
	}
	response, _ = f.raw("GET", "/marked/k?versionId="+*marker.VersionId, signed, "")
	if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("X-Amz-Delete-Marker") != "true" {
		t.Errorf("the marker: %d %v", response.StatusCode, response.Header)
	}
	_, err = f.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("marked"), Key: aws.String("k"), VersionId: marker.VersionId})
	must(t, err)
	if body, err := f.get("marked", "k", ""); err != nil || body != "v" {
		t.Errorf("undeleted: %q %v", body, err)
	}
	many := make([]types.ObjectIdentifier, 1001)
	for i := range many {
		many[i].Key = aws.String(fmt.Sprint(i))
	}
	_, err = f.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: aws.String("marked"), Delete: &types.Delete{Objects: many}})
	wantCode(t, err, "MalformedXML")
}
