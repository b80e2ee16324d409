package s3

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

// pageSize is how many lines a page of a list has at most.
const pageSize = 1000

type listedObject struct {
	Key          string
	LastModified string
	ETag         string
	Size         int64
	Owner        *owner `xml:",omitempty"`
	StorageClass string
}

type owner struct{ ID string }

type commonPrefix struct{ Prefix string }

type listResult struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name                  string
	Prefix                string
	Marker                *string `xml:",omitempty"`
	NextMarker            *string `xml:",omitempty"`
	StartAfter            *string `xml:",omitempty"`
	ContinuationToken     *string `xml:",omitempty"`
	NextContinuationToken *string `xml:",omitempty"`
	KeyCount              *int    `xml:",omitempty"`
	MaxKeys               int
	Delimiter             string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	Contents              []listedObject
	CommonPrefixes        []commonPrefix
}

// page reads max-keys (or max-uploads) and encoding-type.
func (q *request) page(name string) (size int, show func(string) string, err error) {
	show = func(key string) string { return key }
	switch encoding := q.query.Get("encoding-type"); encoding {
	case "url":
		show = encoded
	case "":
	default:
		return 0, nil, invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
	}
	size = pageSize
	if text := q.query.Get(name); text != "" {
		if size, err = strconv.Atoi(text); err != nil || size < 0 {
			return 0, nil, invalidArgument("Provided "+name+" not an integer or within integer range", name, text)
		}
	}
	return min(size, pageSize), show, nil
}

func (s *Service) list(q *request, marker string) (listResult, []objects.Entry, func(string) string, error) {
	size, show, err := q.page("max-keys")
	if err != nil {
		return listResult{}, nil, nil, err
	}
	query := objects.Query{Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), Marker: marker, Max: size}
	entries, more, err := s.store.List(q.ctx(), q.bucket, query)
	if err != nil {
		return listResult{}, nil, nil, err
	}
	result := listResult{
		Name: q.bucket, Prefix: show(query.Prefix), Delimiter: show(query.Delimiter), MaxKeys: size, IsTruncated: more,
		EncodingType: q.query.Get("encoding-type"),
	}
	for _, e := range entries {
		if e.Prefix != "" {
			result.CommonPrefixes = append(result.CommonPrefixes, commonPrefix{show(e.Prefix)})
			continue
		}
		result.Contents = append(result.Contents, listedObject{
			Key: show(e.Key), LastModified: iso(e.Modified), ETag: quote(e.ETag), Size: e.Size, StorageClass: "STANDARD",
		})
	}
	return result, entries, show, nil
}

func (s *Service) listObjects(q *request) error {
	marker := q.query.Get("marker")
	result, entries, show, err := s.list(q, marker)
	if err != nil {
		return err
	}
	result.Marker = ptr(show(marker))
	if result.IsTruncated && q.query.Get("delimiter") != "" && len(entries) > 0 {
		result.NextMarker = ptr(show(entries[len(entries)-1].Name()))
	}
	for i := range result.Contents {
		result.Contents[i].Owner = &owner{ID: OwnerID}
	}
	return q.answer(http.StatusOK, result)
}

func (s *Service) listObjectsV2(q *request) error {
	marker := q.query.Get("start-after")
	if token := q.query.Get("continuation-token"); q.query.Has("continuation-token") {
		last, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || token == "" {
			return invalidArgument("The continuation token provided is incorrect", "continuation-token", token)
		}
		marker = string(last)
	}
	result, entries, show, err := s.list(q, marker)
	if err != nil {
		return err
	}
	if q.query.Has("continuation-token") {
		result.ContinuationToken = ptr(q.query.Get("continuation-token"))
	}
	if q.query.Has("start-after") {
		result.StartAfter = ptr(show(q.query.Get("start-after")))
	}
	result.KeyCount = ptr(len(entries))
	if result.IsTruncated && len(entries) > 0 {
		result.NextContinuationToken = ptr(base64.RawURLEncoding.EncodeToString([]byte(entries[len(entries)-1].Name())))
	}
	if q.query.Get("fetch-owner") == "true" {
		for i := range result.Contents {
			result.Contents[i].Owner = &owner{ID: OwnerID}
		}
	}
	return q.answer(http.StatusOK, result)
}

type listedVersion struct {
	XMLName      xml.Name
	Key          string
	VersionID    string `xml:"VersionId"`
	IsLatest     bool
	LastModified string
	ETag         string `xml:",omitempty"`
	Size         *int64 `xml:",omitempty"`
	StorageClass string `xml:",omitempty"`
	Owner        owner
}

type versionsResult struct {
	XMLName             xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
	Name                string
	Prefix              string
	KeyMarker           string
	VersionIDMarker     string  `xml:"VersionIdMarker"`
	NextKeyMarker       *string `xml:",omitempty"`
	NextVersionIDMarker *string `xml:"NextVersionIdMarker,omitempty"`
	MaxKeys             int
	Delimiter           string `xml:",omitempty"`
	EncodingType        string `xml:",omitempty"`
	IsTruncated         bool
	Versions            []listedVersion `xml:"Version"`
	CommonPrefixes      []commonPrefix
}

func (s *Service) listObjectVersions(q *request) error {
	size, show, err := q.page("max-keys")
	if err != nil {
		return err
	}
	query := objects.Query{Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), Marker: q.query.Get("key-marker"), Max: size}
	after := q.query.Get("version-id-marker")
	if after != "" && query.Marker == "" {
		return invalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", after)
	}
	versions, more, err := s.store.ListVersions(q.ctx(), q.bucket, query, after)
	if err != nil {
		return err
	}
	result := versionsResult{
		Name: q.bucket, Prefix: show(query.Prefix), KeyMarker: show(query.Marker), VersionIDMarker: after, MaxKeys: size,
		Delimiter: show(query.Delimiter), EncodingType: q.query.Get("encoding-type"), IsTruncated: more,
	}
	for _, v := range versions {
		if v.Prefix != "" {
			result.CommonPrefixes = append(result.CommonPrefixes, commonPrefix{show(v.Prefix)})
			continue
		}
		line := listedVersion{
			XMLName: xml.Name{Local: "Version"}, Key: show(v.Key), VersionID: v.ID, IsLatest: v.Latest,
			LastModified: iso(v.Modified), Owner: owner{ID: OwnerID},
		}
		if v.Marker {
			line.XMLName.Local = "DeleteMarker"
		} else {
			line.ETag, line.Size, line.StorageClass = quote(v.ETag), ptr(v.Size), "STANDARD"
		}
		result.Versions = append(result.Versions, line)
	}
	if more && len(versions) > 0 {
		last := versions[len(versions)-1]
		result.NextKeyMarker = ptr(show(last.Key + last.Prefix))
		if last.ID != "" {
			result.NextVersionIDMarker = &last.ID
		}
	}
	return q.answer(http.StatusOK, result)
}
