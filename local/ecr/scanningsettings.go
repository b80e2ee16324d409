package ecr

import (
	"context"
	"errors"

	"github.com/mayfly-dev/mayfly/local/ecr/pattern"
)

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
