package ecr

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// catalogData is how a public repository presents itself.
type catalogData struct {
	Description      string   `json:"description,omitempty"`
	Architectures    []string `json:"architectures,omitempty"`
	OperatingSystems []string `json:"operatingSystems,omitempty"`
	AboutText        string   `json:"aboutText,omitempty"`
	UsageText        string   `json:"usageText,omitempty"`
	// Logo comes in a request; LogoURL is what is shown of it.
	Logo    []byte `json:"logoImageBlob,omitempty"`
	LogoURL string `json:"logoUrl,omitempty"`
}

// The limits of what a repository says of itself.
const (
	maxDescription = 1024
	maxAbout       = 25600
	maxLogo        = 512000 // bytes
)

// check refuses what ECR Public refuses, and takes the logo for what it is
// shown as: a name made from its content. There is no gallery to show it.
func (c *catalogData) check() error {
	if c == nil {
		return nil
	}
	switch {
	case len(c.Description) > maxDescription:
		return invalid("catalogData.description", "must have length less than or equal to 1024")
	case len(c.AboutText) > maxAbout:
		return invalid("catalogData.aboutText", "must have length less than or equal to 25600")
	case len(c.UsageText) > maxAbout:
		return invalid("catalogData.usageText", "must have length less than or equal to 25600")
	case len(c.Logo) > maxLogo:
		return invalid("catalogData.logoImageBlob", "must have length less than or equal to 512000")
	}
	for _, a := range c.Architectures {
		if !slices.Contains([]string{"ARM", "ARM 64", "x86", "x86-64"}, a) {
			return invalid("catalogData.architectures", "Member must satisfy enum value set: [ARM, ARM 64, x86, x86-64]")
		}
	}
	for _, o := range c.OperatingSystems {
		if o != "Linux" && o != "Windows" {
			return invalid("catalogData.operatingSystems", "Member must satisfy enum value set: [Linux, Windows]")
		}
	}
	c.LogoURL = ""
	if len(c.Logo) > 0 {
		sum := sha256.Sum256(c.Logo)
		c.Logo, c.LogoURL = nil, "logo:"+hex.EncodeToString(sum[:])
	}
	return nil
}

type catalogDataInput struct{ target }

type putRepositoryCatalogDataInput struct {
	target
	CatalogData catalogData `json:"catalogData"`
}

type catalogDataOutput struct {
	CatalogData catalogData `json:"catalogData"`
}

func (s *Service) putRepositoryCatalogData(c *call, in putRepositoryCatalogDataInput) (catalogDataOutput, error) {
	if err := in.CatalogData.check(); err != nil {
		return catalogDataOutput{}, err
	}
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		r.CatalogData = &in.CatalogData
		return nil
	})
	return catalogDataOutput{in.CatalogData}, err
}

func (s *Service) getRepositoryCatalogData(c *call, in catalogDataInput) (catalogDataOutput, error) {
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return catalogDataOutput{}, err
	}
	if r.CatalogData == nil {
		return catalogDataOutput{}, refuse("RepositoryCatalogDataNotFoundException", "The repository with name '%s' in the registry with id '%s' has no catalog data", r.name, s.o.Account)
	}
	return catalogDataOutput{*r.CatalogData}, nil
}

// registryCatalog is how the public registry presents itself.
type registryCatalog struct {
	DisplayName string `json:"displayName"`
}

type registryCatalogOutput struct {
	Data registryCatalog `json:"registryCatalogData"`
}

const catalogSetting = "publicCatalog"

func (s *Service) putRegistryCatalogData(c *call, in registryCatalog) (registryCatalogOutput, error) {
	if len(in.DisplayName) > 100 {
		return registryCatalogOutput{}, invalid("displayName", "must have length less than or equal to 100")
	}
	return registryCatalogOutput{in}, s.set(c, catalogSetting, in)
}

func (s *Service) getRegistryCatalogData(c *call, _ nothing) (out registryCatalogOutput, err error) {
	err = s.setting(c, catalogSetting, &out.Data)
	return out, err
}

type registryAlias struct {
	Name    string `json:"name"`
	Status  string `json:"status"`
	Primary bool   `json:"primaryRegistryAlias"`
	Default bool   `json:"defaultRegistryAlias"`
}

type publicRegistry struct {
	RegistryID  string          `json:"registryId"`
	RegistryARN string          `json:"registryArn"`
	RegistryURI string          `json:"registryUri"`
	Verified    bool            `json:"verified"`
	Aliases     []registryAlias `json:"aliases"`
}

type describeRegistriesOutput struct {
	Registries []publicRegistry `json:"registries"`
}

func (s *Service) describeRegistries(*call, page) (describeRegistriesOutput, error) {
	return describeRegistriesOutput{[]publicRegistry{{
		RegistryID: s.o.Account, RegistryARN: "arn:aws:ecr-public::" + s.o.Account + ":registry/" + s.o.Account,
		RegistryURI: s.o.Host + "/" + publicHost + s.o.PublicAlias,
		Aliases:     []registryAlias{{s.o.PublicAlias, "ACTIVE", true, true}},
	}}}, nil
}

type describeImageTagsInput struct {
	target
	page
}

type referencedImage struct {
	ImageDigest       string        `json:"imageDigest"`
	ImageSizeInBytes  int64         `json:"imageSizeInBytes"`
	ImagePushedAt     *awsjson.Time `json:"imagePushedAt"`
	ManifestMediaType string        `json:"imageManifestMediaType"`
	ArtifactMediaType string        `json:"artifactMediaType,omitempty"`
}

type imageTagDetail struct {
	ImageTag  string          `json:"imageTag"`
	CreatedAt *awsjson.Time   `json:"createdAt"`
	Image     referencedImage `json:"imageDetail"`
}

type describeImageTagsOutput struct {
	Details   []imageTagDetail `json:"imageTagDetails"`
	NextToken string           `json:"nextToken,omitempty"`
}

func (s *Service) describeImageTags(c *call, in describeImageTagsInput) (describeImageTagsOutput, error) {
	out := describeImageTagsOutput{Details: []imageTagDetail{}}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return out, err
	}
	limit, after, err := in.read()
	if err != nil {
		return out, err
	}
	found, err := collect(c, s.store.reader, func(rows *sql.Rows) (d imageTagDetail, err error) {
		var pushed, tagged int64
		err = rows.Scan(&d.ImageTag, &tagged, &d.Image.ImageDigest, &d.Image.ImageSizeInBytes, &pushed, &d.Image.ManifestMediaType, &d.Image.ArtifactMediaType)
		d.CreatedAt, d.Image.ImagePushedAt = at(tagged), at(pushed)
		return d, err
	}, `SELECT tag.tag, tag.tagged_at, image.digest, size, pushed_at, media_type, artifact_type FROM tag
		JOIN image ON image.repository = tag.repository AND image.digest = tag.digest
		WHERE tag.repository = ? AND tag.tag > ? ORDER BY tag.tag LIMIT ?`, r.id, after, limit+1)
	if err != nil {
		return out, err
	}
	out.Details, out.NextToken = cut(found, limit, func(d imageTagDetail) string { return d.ImageTag })
	if out.Details == nil {
		out.Details = []imageTagDetail{}
	}
	return out, nil
}
