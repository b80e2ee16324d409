package ecr

type putImageTagMutabilityInput struct {
	target
	Mutability mutability  `json:"imageTagMutability"`
	Exclusions []exclusion `json:"imageTagMutabilityExclusionFilters"`
}

type putImageTagMutabilityOutput struct {
	RegistryID     string      `json:"registryId"`
	RepositoryName string      `json:"repositoryName"`
	Mutability     mutability  `json:"imageTagMutability"`
	Exclusions     []exclusion `json:"imageTagMutabilityExclusionFilters,omitempty"`
}

func (s *Service) putImageTagMutability(c *call, in putImageTagMutabilityInput) (putImageTagMutabilityOutput, error) {
	if err := checkMutability(in.Mutability, in.Exclusions); err != nil {
		return putImageTagMutabilityOutput{}, err
	}
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		r.Mutability, r.Exclusions = in.Mutability, in.Exclusions
		return nil
	})
	return putImageTagMutabilityOutput{s.o.Account, in.RepositoryName, in.Mutability, in.Exclusions}, err
}

type putImageScanningConfigurationInput struct {
	target
	Scanning scanOnPush `json:"imageScanningConfiguration"`
}

type putImageScanningConfigurationOutput struct {
	RegistryID     string     `json:"registryId"`
	RepositoryName string     `json:"repositoryName"`
	Scanning       scanOnPush `json:"imageScanningConfiguration"`
}

func (s *Service) putImageScanningConfiguration(c *call, in putImageScanningConfigurationInput) (putImageScanningConfigurationOutput, error) {
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		r.ScanOnPush = in.Scanning.ScanOnPush
		return nil
	})
	return putImageScanningConfigurationOutput{s.o.Account, in.RepositoryName, in.Scanning}, err
}
