package ecr

import (
	"errors"

	"github.com/mayfly-dev/mayfly/local/iam"
)

type setRepositoryPolicyInput struct {
	target
	Text  string `json:"policyText"`
	Force bool   `json:"force"`
}

type repositoryPolicyInput struct{ target }

type repositoryPolicyOutput struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
	Text           string `json:"policyText"`
}

// maxPolicy is how many bytes a repository policy may have.
const maxPolicy = 10240

// setRepositoryPolicy sets who may push and pull. A policy that would keep the
// caller from setting another one needs force.
func (s *Service) setRepositoryPolicy(c *call, in setRepositoryPolicyInput) (repositoryPolicyOutput, error) {
	if err := checkPolicy(in.Text); err != nil {
		return repositoryPolicyOutput{}, err
	}
	if !in.Force {
		err := s.may(c.who, c.registry.action("SetRepositoryPolicy"), s.arn(c.registry, in.RepositoryName), c.remote, in.Text)
		if err != nil {
			return repositoryPolicyOutput{}, invalid("policyText", "The policy would keep you from setting another policy; use force to set it anyway")
		}
	}
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		r.Policy = in.Text
		return nil
	})
	return repositoryPolicyOutput{s.o.Account, in.RepositoryName, in.Text}, err
}

// checkPolicy refuses what is no repository policy: one that names nobody, or
// names a resource, which is always the repository.
func checkPolicy(document string) error {
	if document == "" || len(document) > maxPolicy {
		return invalid("policyText", "must have length between 1 and 10240")
	}
	parsed, err := iam.Parse(document)
	var syntax *iam.SyntaxError
	if errors.As(err, &syntax) {
		return invalid("PolicyText", "Invalid repository policy provided: "+syntax.Message)
	}
	if err != nil {
		return err
	}
	for i := range parsed.Statements {
		statement := &parsed.Statements[i]
		if statement.Principals == nil && statement.NotPrincipals == nil {
			return invalid("PolicyText", "Invalid repository policy provided: Missing required field Principal")
		}
		if statement.Resources != nil || statement.NotResources != nil {
			return invalid("PolicyText", "Invalid repository policy provided: Policies must not contain Resource")
		}
	}
	return nil
}

func (s *Service) getRepositoryPolicy(c *call, in repositoryPolicyInput) (repositoryPolicyOutput, error) {
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return repositoryPolicyOutput{}, err
	}
	if r.Policy == "" {
		return repositoryPolicyOutput{}, s.noPolicy(r)
	}
	return repositoryPolicyOutput{s.o.Account, r.name, r.Policy}, nil
}

func (s *Service) deleteRepositoryPolicy(c *call, in repositoryPolicyInput) (repositoryPolicyOutput, error) {
	before := ""
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		if before = r.Policy; before == "" {
			return s.noPolicy(r)
		}
		r.Policy = ""
		return nil
	})
	return repositoryPolicyOutput{s.o.Account, in.RepositoryName, before}, err
}

func (s *Service) noPolicy(r *repository) error {
	return refuse("RepositoryPolicyNotFoundException", "Repository policy does not exist for the repository with name '%s' in the registry with id '%s'", r.name, s.o.Account)
}
