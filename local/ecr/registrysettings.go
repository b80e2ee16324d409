package ecr

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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
