package s3

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	aws "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

const mostParts = 10_000

func (s *Service) createUpload(q *request) error {
	a, err := s.attributes(q)
	if err != nil {
		return err
	}
	algorithm := types.ChecksumAlgorithm(strings.ToUpper(q.Header.Get("X-Amz-Checksum-Algorithm")))
	kind := types.ChecksumType(strings.ToUpper(q.Header.Get("X-Amz-Checksum-Type")))
	switch algorithm {
	case "":
		if kind != "" {
			return fail("InvalidRequest", "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
	case types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256:
		if kind == "" {
			kind = types.ChecksumTypeComposite
			if algorithm == types.ChecksumAlgorithmCrc64nvme {
				kind = types.ChecksumTypeFullObject
			}
		}
	default:
		return fail("InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	}
	id, err := s.store.CreateUpload(q.ctx(), q.bucket, q.key, s3response.CreateMultipartUploadInput{
		ContentType: a.contentType(), ContentEncoding: nonEmpty(a.encoding), ContentDisposition: a.value("Content-Disposition"),
		ContentLanguage: a.value("Content-Language"), CacheControl: a.value("Cache-Control"), Expires: a.value("Expires"),
		WebsiteRedirectLocation: a.value("X-Amz-Website-Redirect-Location"), Tagging: nonEmpty(a.tagging), Metadata: a.metadata,
		ChecksumAlgorithm: algorithm, ChecksumType: kind,
	})
	if err != nil {
		return err
	}
	a.answer(q.w.Header())
	if algorithm != "" {
		q.w.Header().Set("X-Amz-Checksum-Algorithm", string(algorithm))
		q.w.Header().Set("X-Amz-Checksum-Type", string(kind))
	}
	return q.answer(http.StatusOK, struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{Bucket: q.bucket, Key: q.key, UploadID: id})
}

// partNumber reads the part number and checks the upload's id.
func (q *request) partNumber() (int32, error) {
	number, err := strconv.ParseInt(q.query.Get("partNumber"), 10, 32)
	if err != nil || number < 1 || number > mostParts {
		return 0, invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", q.query.Get("partNumber"))
	}
	return int32(number), q.checkUpload()
}

// checkUpload refuses upload ids that cannot be one of ours: an id is the name
// of a folder.
func (q *request) checkUpload() error {
	id := q.query.Get("uploadId")
	if id == "" || strings.Trim(id, "0123456789abcdef-") != "" {
		return known("NoSuchUpload").with("UploadId", id)
	}
	return nil
}

func uploadError(err error) error {
	if f := asFailure(err); f.code == "NoSuchUpload" {
		return known("NoSuchUpload")
	}
	return err
}

func (s *Service) uploadPart(q *request) error {
	number, err := q.partNumber()
	if err != nil {
		return err
	}
	content, err := openBody(q.Request)
	if err != nil {
		return err
	}
	out, err := s.store.UploadPart(q.ctx(), q.bucket, q.key, q.query.Get("uploadId"), aws.UploadPartInput{
		PartNumber: &number, ContentLength: &content.length, Body: content.reader(),
		ChecksumCRC32:  nonEmpty(q.Header.Get("X-Amz-Checksum-Crc32")),
		ChecksumCRC32C: nonEmpty(q.Header.Get("X-Amz-Checksum-Crc32c")),
		ChecksumSHA1:   nonEmpty(q.Header.Get("X-Amz-Checksum-Sha1")), ChecksumSHA256: nonEmpty(q.Header.Get("X-Amz-Checksum-Sha256")),
		ChecksumCRC64NVME: nonEmpty(q.Header.Get("X-Amz-Checksum-Crc64nvme")),
	})
	if err != nil {
		return uploadError(err)
	}
	header := q.w.Header()
	header.Set("Etag", quote(text(out.ETag)))
	for name, sum := range map[string]*string{
		"X-Amz-Checksum-Crc32": out.ChecksumCRC32, "X-Amz-Checksum-Crc32c": out.ChecksumCRC32C,
		"X-Amz-Checksum-Sha1": out.ChecksumSHA1, "X-Amz-Checksum-Sha256": out.ChecksumSHA256,
		"X-Amz-Checksum-Crc64nvme": out.ChecksumCRC64NVME,
	} {
		if sum != nil {
			header.Set(name, *sum)
		}
	}
	sse, key := q.record.defaultEncryption()
	answerEncryption(header, sse, key)
	return q.done(http.StatusOK)
}

type completeRequest struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber        int32
		ETag              string
		ChecksumCRC32     string
		ChecksumCRC32C    string
		ChecksumSHA1      string
		ChecksumSHA256    string
		ChecksumCRC64NVME string
	} `xml:"Part"`
}

func (s *Service) completeUpload(q *request) error {
	if err := q.checkUpload(); err != nil {
		return err
	}
	var input completeRequest
	if err := q.decodeBare(&input); err != nil {
		return err
	}
	if len(input.Parts) == 0 || len(input.Parts) > mostParts {
		return known("MalformedXML")
	}
	parts := make([]types.CompletedPart, 0, len(input.Parts))
	for i, p := range input.Parts {
		if i > 0 && p.PartNumber <= input.Parts[i-1].PartNumber {
			return fail("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
		}
		parts = append(parts, types.CompletedPart{
			PartNumber: ptr(p.PartNumber), ETag: ptr(quote(p.ETag)), ChecksumCRC32: nonEmpty(p.ChecksumCRC32), ChecksumCRC32C: nonEmpty(p.ChecksumCRC32C),
			ChecksumSHA1: nonEmpty(p.ChecksumSHA1), ChecksumSHA256: nonEmpty(p.ChecksumSHA256), ChecksumCRC64NVME: nonEmpty(p.ChecksumCRC64NVME),
		})
	}
	condition, err := writeCondition(q.Header, q.key)
	if err != nil {
		return err
	}
	out, version, err := s.store.Complete(q.ctx(), q.bucket, q.key, aws.CompleteMultipartUploadInput{
		UploadId: ptr(q.query.Get("uploadId")), MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		ChecksumCRC32:  nonEmpty(q.Header.Get("X-Amz-Checksum-Crc32")),
		ChecksumCRC32C: nonEmpty(q.Header.Get("X-Amz-Checksum-Crc32c")),
		ChecksumSHA1:   nonEmpty(q.Header.Get("X-Amz-Checksum-Sha1")), ChecksumSHA256: nonEmpty(q.Header.Get("X-Amz-Checksum-Sha256")),
		ChecksumCRC64NVME: nonEmpty(q.Header.Get("X-Amz-Checksum-Crc64nvme")),
		ChecksumType:      types.ChecksumType(q.Header.Get("X-Amz-Checksum-Type")),
	}, condition)
	if err != nil {
		return uploadError(err)
	}
	if version != "" {
		q.w.Header().Set("X-Amz-Version-Id", version)
	}
	sse, key := q.record.defaultEncryption()
	answerEncryption(q.w.Header(), sse, key)
	return q.answer(http.StatusOK, struct {
		XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
		Location          string
		Bucket            string
		Key               string
		ETag              string
		ChecksumCRC32     *string `xml:",omitempty"`
		ChecksumCRC32C    *string `xml:",omitempty"`
		ChecksumSHA1      *string `xml:",omitempty"`
		ChecksumSHA256    *string `xml:",omitempty"`
		ChecksumCRC64NVME *string `xml:",omitempty"`
		ChecksumType      string  `xml:",omitempty"`
	}{
		Location: "http://" + q.Host + "/" + q.bucket + "/" + encoded(q.key), Bucket: q.bucket, Key: q.key, ETag: quote(text(out.ETag)),
		ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C, ChecksumSHA1: out.ChecksumSHA1,
		ChecksumSHA256: out.ChecksumSHA256, ChecksumCRC64NVME: out.ChecksumCRC64NVME,
	})
}

// decodeBare decodes a document whose request's checksum headers are those of
// an object, not of the document.
func (q *request) decodeBare(into any) error {
	saved := map[string][]string{}
	for _, algorithm := range checksumAlgorithms {
		name := http.CanonicalHeaderKey("X-Amz-Checksum-" + algorithm)
		if values, ok := q.Header[name]; ok {
			saved[name] = values
			delete(q.Header, name)
		}
	}
	err := q.decode(into)
	for name, values := range saved {
		q.Header[name] = values
	}
	return err
}

func (s *Service) abortUpload(q *request) error {
	if err := q.checkUpload(); err != nil {
		return err
	}
	if err := s.store.Abort(q.ctx(), q.bucket, q.key, q.query.Get("uploadId")); err != nil {
		return uploadError(err)
	}
	return q.done(http.StatusNoContent)
}

func (s *Service) listParts(q *request) error {
	if err := q.checkUpload(); err != nil {
		return err
	}
	size, _, err := q.page("max-parts")
	if err != nil {
		return err
	}
	after := q.query.Get("part-number-marker")
	if _, err := strconv.ParseUint(after, 10, 31); after != "" && err != nil {
		return invalidArgument("Provided part-number-marker not an integer or within integer range", "part-number-marker", after)
	}
	out, err := s.store.Parts(q.ctx(), q.bucket, q.key, q.query.Get("uploadId"), after, int32(size))
	if err != nil {
		return uploadError(err)
	}
	out.Bucket, out.Key = q.bucket, q.key
	out.Initiator.ID, out.Owner.ID = OwnerID, OwnerID
	for i := range out.Parts {
		out.Parts[i].ETag = quote(out.Parts[i].ETag)
	}
	if out.ChecksumAlgorithm == "null" {
		out.ChecksumAlgorithm, out.ChecksumType = "", ""
	}
	return q.answer(http.StatusOK, out)
}

type uploadsResult struct {
	XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             string `xml:",omitempty"`
	Delimiter          string `xml:",omitempty"`
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []uploadEntry `xml:"Upload"`
	CommonPrefixes     []commonPrefix
}

type uploadEntry struct {
	Key          string
	UploadID     string `xml:"UploadId"`
	Initiator    owner
	Owner        owner
	StorageClass string
	Initiated    string
}

func (s *Service) listUploads(q *request) error {
	size, show, err := q.page("max-uploads")
	if err != nil {
		return err
	}
	uploads, err := s.store.Uploads(q.ctx(), q.bucket)
	if err != nil {
		return err
	}
	query := objects.Query{Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), Marker: q.query.Get("key-marker")}
	after := q.query.Get("upload-id-marker")
	result := uploadsResult{
		Bucket: q.bucket, KeyMarker: show(query.Marker), UploadIDMarker: after, Prefix: show(query.Prefix),
		Delimiter: show(query.Delimiter), EncodingType: q.query.Get("encoding-type"), MaxUploads: size,
	}
	last, count := objects.Upload{}, 0
	for _, u := range uploads {
		if !strings.HasPrefix(u.Key, query.Prefix) || query.Marker != "" && (u.Key < query.Marker || u.Key == query.Marker && (after == "" || u.ID <= after)) {
			continue
		}
		common := query.Common(u.Key)
		if n := len(result.CommonPrefixes); common != "" && (n > 0 && result.CommonPrefixes[n-1].Prefix == show(common) || common <= query.Marker) {
			last = u
			continue
		}
		if count == size {
			result.IsTruncated = true
			result.NextKeyMarker, result.NextUploadIDMarker = show(last.Key), last.ID
			break
		}
		count++
		last = u
		if common != "" {
			result.CommonPrefixes = append(result.CommonPrefixes, commonPrefix{show(common)})
			continue
		}
		result.Uploads = append(result.Uploads, uploadEntry{
			Key: show(u.Key), UploadID: u.ID, Initiator: owner{OwnerID}, Owner: owner{OwnerID}, StorageClass: "STANDARD", Initiated: iso(u.Initiated),
		})
	}
	return q.answer(http.StatusOK, result)
}
