package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxManifest is how large the manifest of an inventory may be; one of a hundred
// thousand files has some 15 MB.
const maxManifest = 64 << 20

// Inventory is the manifest of an S3 inventory report.
type Inventory struct {
	// Bucket is where the report's files are.
	Bucket string
	// Columns are the names of the columns of its files.
	Columns []string
	// Keys name the files.
	Keys []string
}

// ReadInventory reads the manifest.json of an S3 inventory report, whose files
// must be CSV, as AWS demands.
func ReadInventory(r io.Reader) (Inventory, error) {
	var manifest struct {
		DestinationBucket string `json:"destinationBucket"`
		FileFormat        string `json:"fileFormat"`
		FileSchema        string `json:"fileSchema"`
		Files             []struct {
			Key string `json:"key"`
		} `json:"files"`
	}
	b, err := buffered(r)
	if err != nil {
		return Inventory{}, err
	}
	over := errors.New("it is larger than 64 MB")
	if err := json.NewDecoder(&bounded{r: b, left: maxManifest, over: over}).Decode(&manifest); err != nil {
		return Inventory{}, fmt.Errorf("the manifest of the S3 inventory is not readable: %w", err)
	}
	if manifest.FileFormat != "CSV" {
		return Inventory{}, fmt.Errorf("the S3 inventory is in the format %q, and only CSV can be read", manifest.FileFormat)
	}
	bucket := strings.TrimPrefix(manifest.DestinationBucket, "arn:aws:s3:::")
	if bucket == "" || manifest.FileSchema == "" {
		return Inventory{}, errors.New("the manifest of the S3 inventory lacks destinationBucket or fileSchema")
	}
	report := Inventory{Bucket: bucket}
	for _, column := range strings.Split(manifest.FileSchema, ",") {
		report.Columns = append(report.Columns, strings.TrimSpace(column))
	}
	for _, file := range manifest.Files {
		if file.Key == "" {
			return Inventory{}, errors.New("the manifest of the S3 inventory has a file without key")
		}
		report.Keys = append(report.Keys, file.Key)
	}
	return report, nil
}

// Locations reads a manifest of Athena's UNLOAD: a CSV file without headers whose
// first cells are s3:// URIs.
func Locations(r io.Reader, each func(bucket, key string) error) error {
	rows, err := newRows(r, ',')
	if err != nil {
		return err
	}
	for {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the manifest: row %d: %w", rows.n, err)
		}
		bucket, key, ok := Location(row[0])
		if !ok {
			return fmt.Errorf("the manifest: row %d: %.200q is no s3:// URI", rows.n, row[0])
		}
		if err := each(bucket, key); err != nil {
			return err
		}
	}
}

// Location takes an s3:// URI apart.
func Location(uri string) (bucket, key string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(uri), "s3://")
	if !ok {
		return "", "", false
	}
	bucket, key, ok = strings.Cut(rest, "/")
	return bucket, key, ok && bucket != "" && key != ""
}
