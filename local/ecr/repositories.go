package ecr

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// repositoryView is a repository as the API shows it.
type repositoryView struct {
	RepositoryARN  string        `json:"repositoryArn"`
	RegistryID     string        `json:"registryId"`
	RepositoryName string        `json:"repositoryName"`
	RepositoryURI  string        `json:"repositoryUri"`
	CreatedAt      *awsjson.Time `json:"createdAt"`
	Mutability     mutability    `json:"imageTagMutability,omitempty"`
	Exclusions     []exclusion   `json:"imageTagMutabilityExclusionFilters,omitempty"`
	Scanning       *scanOnPush   `json:"imageScanningConfiguration,omitempty"`
	Encryption     *encryption   `json:"encryptionConfiguration,omitempty"`
}

type scanOnPush struct {
	ScanOnPush bool `json:"scanOnPush"`
}

func (s *Service) view(r *repository) repositoryView {
	v := repositoryView{
		RepositoryARN: s.arn(r.visibility, r.name), RegistryID: s.o.Account, RepositoryName: r.name,
		RepositoryURI: s.uri(r), CreatedAt: at(r.createdAt),
	}
	if r.visibility == private {
		v.Mutability, v.Exclusions = r.Mutability, r.Exclusions
		v.Scanning, v.Encryption = &scanOnPush{r.ScanOnPush}, &r.Encryption
	}
	return v
}

type createRepositoryInput struct {
	RegistryID     string       `json:"registryId"`
	RepositoryName string       `json:"repositoryName"`
	Tags           []tag        `json:"tags"`
	Mutability     mutability   `json:"imageTagMutability"`
	Exclusions     []exclusion  `json:"imageTagMutabilityExclusionFilters"`
	Scanning       scanOnPush   `json:"imageScanningConfiguration"`
	Encryption     *encryption  `json:"encryptionConfiguration"`
	CatalogData    *catalogData `json:"catalogData"`
}

func (in createRepositoryInput) repositories() []string { return []string{in.RepositoryName} }

type repositoryOutput struct {
	Repository  repositoryView `json:"repository"`
	CatalogData *catalogData   `json:"catalogData,omitempty"`
}

func (s *Service) createRepository(c *call, in createRepositoryInput) (repositoryOutput, error) {
	if err := checkName(c.registry, in.RepositoryName); err != nil {
		return repositoryOutput{}, err
	}
	r := &repository{visibility: c.registry, name: in.RepositoryName, createdAt: milliseconds(s.now())}
	var err error
	if r.settings, err = s.newSettings(c.registry, in); err != nil {
		return repositoryOutput{}, err
	}
	if err := s.insert(c, r); err != nil {
		return repositoryOutput{}, err
	}
	return repositoryOutput{Repository: s.view(r), CatalogData: r.CatalogData}, nil
}

func (s *Service) newSettings(v visibility, in createRepositoryInput) (settings, error) {
	tags, err := tagged(nil, in.Tags)
	if err != nil {
		return settings{}, err
	}
	if v == public {
		return settings{Tags: tags, CatalogData: in.CatalogData}, in.CatalogData.check()
	}
	if in.Mutability == "" {
		in.Mutability = mutable
	}
	if err := checkMutability(in.Mutability, in.Exclusions); err != nil {
		return settings{}, err
	}
	at, err := s.encrypted(in.Encryption)
	return settings{Mutability: in.Mutability, Exclusions: in.Exclusions, ScanOnPush: in.Scanning.ScanOnPush, Encryption: at, Tags: tags}, err
}

func (s *Service) insert(ctx context.Context, r *repository) error {
	body, err := json.Marshal(r.settings)
	if err != nil {
		return err
	}
	return s.store.write(ctx, func(tx *sql.Tx) error {
		var there, count int
		if err := tx.QueryRowContext(ctx, "SELECT count(*), count(*) FILTER (WHERE name = ?) FROM repository WHERE visibility = ?", r.name, r.visibility).Scan(&count, &there); err != nil {
			return err
		}
		if there > 0 {
			return refuse("RepositoryAlreadyExistsException", "The repository with name '%s' already exists in the registry with id '%s'", r.name, s.o.Account)
		}
		if count >= s.o.Quotas.Repositories {
			return refuse("LimitExceededException", "The maximum number of repositories, %d, per registry has been exceeded", s.o.Quotas.Repositories)
		}
		result, err := tx.ExecContext(ctx, "INSERT INTO repository (visibility, name, created_at, settings) VALUES (?, ?, ?, ?)", r.visibility, r.name, r.createdAt, string(body))
		if err != nil {
			return err
		}
		r.id, err = result.LastInsertId()
		return err
	})
}

type describeRepositoriesInput struct {
	page
	RegistryID      string   `json:"registryId"`
	RepositoryNames []string `json:"repositoryNames"`
}

func (in describeRepositoriesInput) repositories() []string { return in.RepositoryNames }

type describeRepositoriesOutput struct {
	Repositories []repositoryView `json:"repositories"`
	NextToken    string           `json:"nextToken,omitempty"`
}

func (s *Service) describeRepositories(c *call, in describeRepositoriesInput) (describeRepositoriesOutput, error) {
	out := describeRepositoriesOutput{Repositories: []repositoryView{}}
	if len(in.RepositoryNames) > 0 {
		if len(in.RepositoryNames) > 100 {
			return out, invalid("repositoryNames", "must have length between 1 and 100")
		}
		for _, name := range in.RepositoryNames {
			r, err := s.find(c, s.store.reader, c.registry, name)
			if err != nil {
				return out, err
			}
			out.Repositories = append(out.Repositories, s.view(r))
		}
		return out, nil
	}
	limit, after, err := in.read()
	if err != nil {
		return out, err
	}
	found, err := collect(c, s.store.reader, scanRepositories, "SELECT "+repositoryColumns+
		" FROM repository WHERE visibility = ? AND name > ? ORDER BY name LIMIT ?", c.registry, after, limit+1)
	if err != nil {
		return out, err
	}
	found, out.NextToken = cut(found, limit, func(r *repository) string { return r.name })
	for _, r := range found {
		out.Repositories = append(out.Repositories, s.view(r))
	}
	return out, nil
}
