package ecr

import (
	"context"
	"database/sql"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr/manifest"
)

type imageScanInput struct {
	target
	ImageID imageID `json:"imageId"`
}

type startImageScanOutput struct {
	RegistryID     string     `json:"registryId"`
	RepositoryName string     `json:"repositoryName"`
	ImageID        imageID    `json:"imageId"`
	Status         scanStatus `json:"imageScanStatus"`
}

// scanQuota: an image is scanned once in a day.
const scanQuota = 24 * time.Hour

func (s *Service) startImageScan(c *call, in imageScanInput) (startImageScanOutput, error) {
	out := startImageScanOutput{RegistryID: s.o.Account, RepositoryName: in.RepositoryName, Status: scanStatus{Status: scanInProgress}}
	err := s.store.write(c, func(tx *sql.Tx) error {
		r, i, err := s.findImage(c, tx, in.RepositoryName, in.ImageID)
		if err != nil {
			return err
		}
		out.ImageID = imageID{i.digest, in.ImageID.ImageTag}
		last, ok := readScan(i.scan)
		switch {
		case !scannable(i.mediaType, i.artifactType):
			return refuse("UnsupportedImageTypeException", "The image is of a type that cannot be scanned: %s", i.mediaType)
		case ok && s.now().Sub(time.UnixMilli(last.StartedAt)) < scanQuota:
			return refuse("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.")
		}
		return s.beginScan(c, tx, r, i.digest)
	})
	if err != nil {
		return out, err
	}
	s.scanner.poke()
	return out, nil
}

// beginScan notes that an image is to be scanned.
func (s *Service) beginScan(ctx context.Context, tx *sql.Tx, r *repository, digest string) error {
	begun := scanned{Status: scanStatus{Status: scanInProgress}, StartedAt: milliseconds(s.now())}
	_, err := tx.ExecContext(ctx, "UPDATE image SET scan = ?, scanning = 1 WHERE repository = ? AND digest = ?", begun.text(), r.id, digest)
	return err
}

// scanPushed begins the scan of an image that was just pushed, where that is
// wanted, unless it was scanned when it was pushed before.
func (s *Service) scanPushed(ctx context.Context, tx *sql.Tx, r *repository, m *manifest.Manifest, digest string) error {
	if r.visibility == public || !scannable(m.MediaType, m.ArtifactType) {
		return nil
	}
	config, err := s.scanningConfiguration(ctx)
	if err != nil || !r.ScanOnPush && len(config.applied(r.name)) == 0 {
		return err
	}
	i, err := s.lookUp(ctx, tx, r, imageID{ImageDigest: digest})
	if err != nil || i.scan != "" {
		return err
	}
	return s.beginScan(ctx, tx, r, digest)
}

type describeImageScanFindingsInput struct {
	imageScanInput
	page
}

type describeImageScanFindingsOutput struct {
	RegistryID     string     `json:"registryId"`
	RepositoryName string     `json:"repositoryName"`
	ImageID        imageID    `json:"imageId"`
	Status         scanStatus `json:"imageScanStatus"`
}

// describeImageScanFindings tells how a scan ended. There are never findings,
// nor is it said that there were none to find.
func (s *Service) describeImageScanFindings(c *call, in describeImageScanFindingsInput) (describeImageScanFindingsOutput, error) {
	out := describeImageScanFindingsOutput{RegistryID: s.o.Account, RepositoryName: in.RepositoryName}
	r, i, err := s.findImage(c, s.store.reader, in.RepositoryName, in.ImageID)
	if err != nil {
		return out, err
	}
	done, ok := readScan(i.scan)
	if !ok {
		return out, refuse("ScanNotFoundException", "Image scan does not exist for the image with '%s' in the repository with name '%s' in the registry with id '%s'", imageID{i.digest, in.ImageID.ImageTag}, r.name, s.o.Account)
	}
	out.ImageID, out.Status = imageID{i.digest, in.ImageID.ImageTag}, done.Status
	return out, nil
}
