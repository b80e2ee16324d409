package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
)

// archive is content on this machine, ready to upload.
type archive struct {
	file   *os.File
	format string
	size   int64
	sha256 string
	// packed says that the file is this command's own and goes with it.
	packed bool
}

// pack packs a folder into a file for the time of the upload.
func pack(ctx context.Context, dir, index string, v view) (_ *archive, err error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("--dir: %w", err)
	} else if !info.IsDir() {
		return nil, &usageError{message: fmt.Sprintf("--dir %s is a file; use --file for an archive", dir)}
	}
	file, err := os.CreateTemp("", "mayfly-*.tar.gz")
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", dir, err)
	}
	a := &archive{file: file, format: "tar.gz", packed: true}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	digest := sha256.New()
	done, err := release.Pack(ctx, os.DirFS(dir), index, release.DefaultLimits(), io.MultiWriter(file, digest), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	a.sha256 = hex.EncodeToString(digest.Sum(nil))
	if a.size, err = file.Seek(0, io.SeekCurrent); err != nil {
		return nil, fmt.Errorf("pack %s: %w", dir, err)
	}
	v.note(fmt.Sprintf("packed %d files, %s as %s", done.Files, size(done.Bytes), size(a.size)))
	return a, nil
}

// openArchive opens an archive that is there already.
func openArchive(path string) (_ *archive, err error) {
	a := &archive{}
	switch {
	case strings.HasSuffix(path, ".tar.gz"), strings.HasSuffix(path, ".tgz"):
		a.format = "tar.gz"
	case strings.HasSuffix(path, ".zip"):
		a.format = "zip"
	default:
		return nil, &usageError{message: fmt.Sprintf("--file %s: must be a .tar.gz, .tgz or .zip", path)}
	}
	if a.file, err = os.Open(path); err != nil {
		return nil, fmt.Errorf("--file: %w", err)
	}
	digest := sha256.New()
	if a.size, err = io.Copy(digest, a.file); err != nil {
		return nil, errors.Join(fmt.Errorf("--file: %w", err), a.close())
	}
	a.sha256 = hex.EncodeToString(digest.Sum(nil))
	return a, nil
}

func (a *archive) close() error {
	err := a.file.Close()
	if a.packed {
		err = errors.Join(err, os.Remove(a.file.Name()))
	}
	return err
}

// upload uploads the archive and starts its release.
func (a *archive) release(ctx context.Context, api *client.ClientWithResponses, name string, v view) (client.Answer[events.ReleaseState], error) {
	var none client.Answer[events.ReleaseState]
	place, err := client.Read[events.Upload](api.CreateUploadWithResponse(ctx, name, events.CreateUpload{Size: a.size, Sha256: a.sha256, Format: a.format}))
	if err != nil {
		return none, fmt.Errorf("upload to %s: %w", name, err)
	}
	began := time.Now()
	if err := a.put(ctx, &place.Value); err != nil {
		return none, fmt.Errorf("upload to %s: %w", name, err)
	}
	v.note(fmt.Sprintf("uploaded %s in %s", size(a.size), short(time.Since(began))))
	started, err := client.Read[events.ReleaseState](api.CreateReleaseWithResponse(ctx, name, events.CreateRelease{Upload: place.Value.ID}))
	if err != nil {
		return none, fmt.Errorf("release to %s: %w", name, err)
	}
	return started, nil
}

func (a *archive) put(ctx context.Context, place *events.Upload) error {
	// Not the file itself: the client would close it.
	request, err := http.NewRequestWithContext(ctx, place.Method, place.URL, io.NewSectionReader(a.file, 0, a.size))
	if err != nil {
		return err
	}
	request.ContentLength = a.size
	for name, value := range place.Headers {
		if name != "Content-Length" {
			request.Header.Set(name, value)
		}
	}
	response, err := client.Doer{Client: http.DefaultClient}.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode == http.StatusOK {
		return nil
	}
	var refused struct {
		Code    string
		Message string
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil || xml.Unmarshal(text, &refused) != nil {
		return fmt.Errorf("S3 answered %s", response.Status)
	}
	return fmt.Errorf("S3 refused it: %s: %s", refused.Code, refused.Message)
}

// size shows a number of bytes.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000*1000*1000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
