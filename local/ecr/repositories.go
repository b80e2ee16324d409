package ecr

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// repositoryView is a repository as the API shows it.
type repositoryView struct {
	RepositoryARN  string      `json:"repositoryArn"`
	RegistryID     string      `json:"registryId"`
	RepositoryName string      `json:"repositoryName"`
	RepositoryURI  string      `json:"repositoryUri"`
	CreatedAt      *instant    `json:"createdAt"`
	Mutability     mutability  `json:"imageTagMutability,omitempty"`
	Exclusions     []exclusion `json:"imageTagMutabilityExclusionFilters,omitempty"`
	Scanning       *scanOnPush `json:"imageScanningConfiguration,omitempty"`
	Encryption     *encryption `json:"encryptionConfiguration,omitempty"`
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

// encrypted checks an encryption configuration. A KMS key that is not named
// is the one that AWS manages for ECR.
func (s *Service) encrypted(e *encryption) (encryption, error) {
	switch {
	case e == nil:
		return encryption{Type: "AES256"}, nil
	case e.Type == "AES256" && e.KMSKey != "":
		return *e, invalid("encryptionConfiguration.kmsKey", "must not be given when encryptionType is AES256")
	case e.Type == "AES256":
	case e.Type != "KMS" && e.Type != "KMS_DSSE":
		return *e, invalid("encryptionConfiguration.encryptionType", "Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]")
	case e.KMSKey == "":
		return encryption{e.Type, "arn:aws:kms:" + s.o.Region + ":" + s.o.Account + ":alias/aws/ecr"}, nil
	case len(e.KMSKey) > 2048:
		return *e, invalid("encryptionConfiguration.kmsKey", "must have length between 1 and 2048")
	case !strings.HasPrefix(e.KMSKey, "arn:"):
		return encryption{e.Type, "arn:aws:kms:" + s.o.Region + ":" + s.o.Account + ":" + kmsResource(e.KMSKey)}, nil
	}
	return *e, nil
}

// kmsResource is a key's id or alias as an ARN ends.
func kmsResource(key string) string {
	if strings.HasPrefix(key, "alias/") || strings.HasPrefix(key, "key/") {
		return key
	}
	return "key/" + key
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

type deleteRepositoryInput struct {
	target
	Force bool `json:"force"`
}

func (s *Service) deleteRepository(c *call, in deleteRepositoryInput) (repositoryOutput, error) {
	var gone *repository
	var blobs []string
	err := s.store.write(c, func(tx *sql.Tx) (err error) {
		if gone, err = s.find(c, tx, c.registry, in.RepositoryName); err != nil {
			return err
		}
		images, err := collect(c, tx, text, "SELECT digest FROM image WHERE repository = ?", gone.id)
		if err != nil {
			return err
		}
		if len(images) > 0 && !in.Force {
			return refuse("RepositoryNotEmptyException", "The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", gone.name, s.o.Account)
		}
		if blobs, err = collect(c, tx, text, "SELECT DISTINCT target FROM reference WHERE repository = ? AND kind = 'blob'", gone.id); err != nil {
			return err
		}
		_, err = tx.ExecContext(c, "DELETE FROM repository WHERE id = ?", gone.id)
		return err
	})
	if err != nil {
		return repositoryOutput{}, err
	}
	// What fails here is left to a sweep.
	s.release(c, gone, blobs)
	if err := s.blobs.RemoveRepository(context.WithoutCancel(c), gone.key()); err != nil {
		s.o.Logger.Warn("blobs of a deleted repository are left to the next sweep", "repository", gone.name, "error", err)
	}
	return repositoryOutput{Repository: s.view(gone)}, nil
}

// release frees blobs that no image names any more.
func (s *Service) release(ctx context.Context, r *repository, blobs []string) {
	if err := s.blobs.Release(context.WithoutCancel(ctx), r.key(), blobs, s.store); err != nil {
		s.o.Logger.Warn("blobs of deleted images are left to the next sweep", "repository", r.name, "error", err)
	}
}

// tag is a resource's tag.
type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// The limits of resource tags.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tagged returns tags with others added.
func tagged(have map[string]string, more []tag) (map[string]string, error) {
	all := maps.Clone(have)
	if all == nil {
		all = map[string]string{}
	}
	for _, t := range more {
		if t.Key == "" || len(t.Key) > maxTagKey || len(t.Value) > maxTagValue || strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, refuse("InvalidTagParameterException", "Invalid parameter at 'tags' failed to satisfy constraint: 'a key has 1 to 128 characters and does not begin with aws:, a value has at most 256'")
		}
		all[t.Key] = t.Value
	}
	if len(all) > maxTags {
		return nil, refuse("TooManyTagsException", "A repository has at most %d tags", maxTags)
	}
	return all, nil
}

func sortedTags(tags map[string]string) []tag {
	all := make([]tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, tag{key, tags[key]})
	}
	return all
}
