package ecr

import (
	"errors"

	"github.com/mayfly-dev/mayfly/local/awsjson"
	"github.com/mayfly-dev/mayfly/local/ecr/lifecycle"
)

type lifecyclePolicyInput struct{ target }

type putLifecyclePolicyInput struct {
	target
	Text string `json:"lifecyclePolicyText"`
}

type lifecyclePolicyOutput struct {
	RegistryID      string        `json:"registryId"`
	RepositoryName  string        `json:"repositoryName"`
	Text            string        `json:"lifecyclePolicyText"`
	LastEvaluatedAt *awsjson.Time `json:"lastEvaluatedAt,omitempty"`
	Status          string        `json:"status,omitempty"`
}

func checkLifecyclePolicy(text string) error {
	var refused *lifecycle.Invalid
	if _, err := lifecycle.Parse(text); errors.As(err, &refused) {
		return invalid("LifecyclePolicyText", refused.Error())
	}
	return nil
}

func (s *Service) putLifecyclePolicy(c *call, in putLifecyclePolicyInput) (lifecyclePolicyOutput, error) {
	if err := checkLifecyclePolicy(in.Text); err != nil {
		return lifecyclePolicyOutput{}, err
	}
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		r.Lifecycle.Policy, r.Lifecycle.EvaluatedAt = in.Text, 0
		return nil
	})
	return lifecyclePolicyOutput{RegistryID: s.o.Account, RepositoryName: in.RepositoryName, Text: in.Text}, err
}

func (s *Service) getLifecyclePolicy(c *call, in lifecyclePolicyInput) (lifecyclePolicyOutput, error) {
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err == nil && r.Lifecycle.Policy == "" {
		err = s.noLifecyclePolicy(r)
	}
	if err != nil {
		return lifecyclePolicyOutput{}, err
	}
	return s.lifecycleOutput(r), nil
}

func (s *Service) deleteLifecyclePolicy(c *call, in lifecyclePolicyInput) (lifecyclePolicyOutput, error) {
	var before lifecyclePolicyOutput
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		if r.Lifecycle.Policy == "" {
			return s.noLifecyclePolicy(r)
		}
		before = s.lifecycleOutput(r)
		r.Lifecycle.Policy, r.Lifecycle.EvaluatedAt = "", 0
		return nil
	})
	return before, err
}

func (s *Service) lifecycleOutput(r *repository) lifecyclePolicyOutput {
	return lifecyclePolicyOutput{RegistryID: s.o.Account, RepositoryName: r.name, Text: r.Lifecycle.Policy, LastEvaluatedAt: at(r.Lifecycle.EvaluatedAt)}
}

func (s *Service) noLifecyclePolicy(r *repository) error {
	return refuse("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", r.name, s.o.Account)
}
