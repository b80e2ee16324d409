package ecr

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/ecr/pattern"
)

// setting reads a setting of the registries; what was never set stays as it
// is.
func (s *Service) setting(ctx context.Context, name string, into any) error {
	var body string
	err := s.store.reader.QueryRowContext(ctx, "SELECT body FROM registry WHERE name = ?", name).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(body), into)
}

func (s *Service) set(ctx context.Context, name string, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.store.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO registry (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body", name, string(body))
		return err
	})
}

type describeRegistryOutput struct {
	RegistryID  string `json:"registryId"`
	Replication struct {
		Rules []struct{} `json:"rules"`
	} `json:"replicationConfiguration"`
}

// describeRegistry: there is nowhere to replicate to.
func (s *Service) describeRegistry(*call, nothing) (describeRegistryOutput, error) {
	out := describeRegistryOutput{RegistryID: s.o.Account}
	out.Replication.Rules = []struct{}{}
	return out, nil
}

type getRegistryPolicyOutput struct{}

func (s *Service) getRegistryPolicy(*call, nothing) (getRegistryPolicyOutput, error) {
	return getRegistryPolicyOutput{}, refuse("RegistryPolicyNotFoundException", "Registry policy does not exist in the registry with id '%s'", s.o.Account)
}

// scanning says which repositories' images are scanned when they are pushed,
// beside those that say so themselves.
type scanning struct {
	ScanType string         `json:"scanType"`
	Rules    []scanningRule `json:"rules"`
}

type scanningRule struct {
	Frequency string           `json:"scanFrequency"`
	Filters   []scanningFilter `json:"repositoryFilters"`
}

type scanningFilter struct {
	Filter string `json:"filter"`
	Type   string `json:"filterType"`
}

const scanningSetting = "scanning"

func (s *Service) scanningConfiguration(ctx context.Context) (scanning, error) {
	found := scanning{ScanType: "BASIC", Rules: []scanningRule{}}
	err := s.setting(ctx, scanningSetting, &found)
	return found, err
}

type getRegistryScanningConfigurationOutput struct {
	RegistryID string   `json:"registryId"`
	Scanning   scanning `json:"scanningConfiguration"`
}

func (s *Service) getRegistryScanningConfiguration(c *call, _ nothing) (getRegistryScanningConfigurationOutput, error) {
	found, err := s.scanningConfiguration(c)
	return getRegistryScanningConfigurationOutput{s.o.Account, found}, err
}

type putRegistryScanningConfigurationOutput struct {
	Scanning scanning `json:"registryScanningConfiguration"`
}

func (s *Service) putRegistryScanningConfiguration(c *call, in scanning) (putRegistryScanningConfigurationOutput, error) {
	if in.ScanType == "" {
		in.ScanType = "BASIC"
	}
	if in.Rules == nil {
		in.Rules = []scanningRule{}
	}
	if in.ScanType != "BASIC" {
		return putRegistryScanningConfigurationOutput{}, refuse("ValidationException", "Enhanced scanning is Amazon Inspector's, which is not part of this local cloud")
	}
	for _, rule := range in.Rules {
		if rule.Frequency != "SCAN_ON_PUSH" && rule.Frequency != "MANUAL" {
			return putRegistryScanningConfigurationOutput{}, refuse("ValidationException", "The scan frequency of basic scanning is SCAN_ON_PUSH or MANUAL")
		}
		for _, f := range rule.Filters {
			if f.Type != "WILDCARD" || f.Filter == "" {
				return putRegistryScanningConfigurationOutput{}, invalid("repositoryFilters", "must have the filterType WILDCARD and a filter")
			}
		}
	}
	return putRegistryScanningConfigurationOutput{in}, s.set(c, scanningSetting, in)
}

// applied are the filters by which a repository's images are scanned when they
// are pushed. A filter without a wildcard matches what begins like it does.
func (c scanning) applied(name string) []scanningFilter {
	matched := []scanningFilter{}
	for _, rule := range c.Rules {
		for _, f := range rule.Filters {
			if rule.Frequency == "SCAN_ON_PUSH" && (pattern.Match(f.Filter, name) || pattern.Match(f.Filter+"*", name)) {
				matched = append(matched, f)
			}
		}
	}
	return matched
}

type batchGetRepositoryScanningConfigurationInput struct {
	RepositoryNames []string `json:"repositoryNames"`
}

type repositoryScanning struct {
	RepositoryARN  string           `json:"repositoryArn"`
	RepositoryName string           `json:"repositoryName"`
	ScanOnPush     bool             `json:"scanOnPush"`
	Frequency      string           `json:"scanFrequency"`
	Applied        []scanningFilter `json:"appliedScanFilters"`
}

type repositoryScanningFailure struct {
	RepositoryName string `json:"repositoryName"`
	Code           string `json:"failureCode"`
	Reason         string `json:"failureReason"`
}

type batchGetRepositoryScanningConfigurationOutput struct {
	Configurations []repositoryScanning        `json:"scanningConfigurations"`
	Failures       []repositoryScanningFailure `json:"failures"`
}

func (s *Service) batchGetRepositoryScanningConfiguration(c *call, in batchGetRepositoryScanningConfigurationInput) (batchGetRepositoryScanningConfigurationOutput, error) {
	out := batchGetRepositoryScanningConfigurationOutput{[]repositoryScanning{}, []repositoryScanningFailure{}}
	if len(in.RepositoryNames) == 0 || len(in.RepositoryNames) > 25 {
		return out, invalid("repositoryNames", "must have length between 1 and 25")
	}
	config, err := s.scanningConfiguration(c)
	if err != nil {
		return out, err
	}
	for _, name := range in.RepositoryNames {
		r, err := s.find(c, s.store.reader, c.registry, name)
		var missing *Error
		if errors.As(err, &missing) && missing.Code == "RepositoryNotFoundException" {
			out.Failures = append(out.Failures, repositoryScanningFailure{name, "REPOSITORY_NOT_FOUND", missing.Message})
			continue
		}
		if err != nil {
			return out, err
		}
		one := repositoryScanning{s.arn(c.registry, name), name, r.ScanOnPush, "MANUAL", config.applied(name)}
		if one.ScanOnPush = r.ScanOnPush || len(one.Applied) > 0; one.ScanOnPush {
			one.Frequency = "SCAN_ON_PUSH"
		}
		out.Configurations = append(out.Configurations, one)
	}
	return out, nil
}

type listImageReferrersInput struct {
	target
	page
	Subject struct {
		ImageDigest string `json:"imageDigest"`
	} `json:"subjectId"`
	Filter struct {
		ArtifactTypes []string `json:"artifactTypes"`
	} `json:"filter"`
}

type imageReferrer struct {
	Digest       string            `json:"digest"`
	MediaType    string            `json:"mediaType"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Status       string            `json:"artifactStatus"`
}

type listImageReferrersOutput struct {
	Referrers []imageReferrer `json:"referrers"`
	NextToken string          `json:"nextToken,omitempty"`
}

func (s *Service) listImageReferrers(c *call, in listImageReferrersInput) (listImageReferrersOutput, error) {
	out := listImageReferrersOutput{Referrers: []imageReferrer{}}
	if !digestRule.MatchString(in.Subject.ImageDigest) {
		return out, invalid("subjectId.imageDigest", "must satisfy regular expression 'sha256:[0-9a-f]{64}'")
	}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return out, err
	}
	limit, after, err := in.read()
	if err != nil {
		return out, err
	}
	found, err := s.referrers(c, r, in.Subject.ImageDigest)
	if err != nil {
		return out, err
	}
	slices.SortFunc(found, func(a, b descriptor) int { return strings.Compare(a.Digest, b.Digest) })
	found = slices.DeleteFunc(found, func(d descriptor) bool {
		return d.Digest <= after || len(in.Filter.ArtifactTypes) > 0 && !slices.Contains(in.Filter.ArtifactTypes, d.ArtifactType)
	})
	found, out.NextToken = cut(found, limit, func(d descriptor) string { return d.Digest })
	for _, d := range found {
		out.Referrers = append(out.Referrers, imageReferrer{d.Digest, d.MediaType, d.Size, d.ArtifactType, d.Annotations, "ACTIVE"})
	}
	return out, nil
}
