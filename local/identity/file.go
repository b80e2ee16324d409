package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/local/wholefile"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// File is what a file of users says, as JSON.
type File struct {
	Users []User `json:"users"`
	JWT   *JWT   `json:"jwt,omitempty"`
}

// User is somebody who may ask the API.
type User struct {
	// Name is what their sandboxes have as owner.
	Name string      `json:"name"`
	Role access.Role `json:"role"`
	// TokenSHA256 is the SHA-256 of their token in hexadecimal: the token itself
	// is nowhere. A token is random and long, so that it needs no slower hash.
	TokenSHA256 string `json:"tokenSha256,omitempty"`
	// AccessKey is for clients that sign. A signature can't be checked without
	// the secret, so that it is here as it is.
	AccessKey *AccessKey `json:"accessKey,omitempty"`
}

// AccessKey is a pair of keys that requests are signed with.
type AccessKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// JWT is an identity provider whose tokens count.
type JWT struct {
	Issuer string `json:"issuer"`
	// Audience is what a token must be for, by its claim aud or client_id: one of
	// these.
	Audience []string `json:"audience"`
	// PublicKey is the provider's key, RSA or ECDSA, in PEM.
	PublicKey string `json:"publicKey"`
	// NameClaim, RoleClaim, Admins and Readers are as in access.Rules.
	NameClaim string   `json:"nameClaim,omitempty"`
	RoleClaim string   `json:"roleClaim,omitempty"`
	Admins    []string `json:"admins,omitempty"`
	Readers   []string `json:"readers,omitempty"`
}

// HashToken returns what a file has of a token.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Read reads a file of users. One that is not there has none.
func Read(path string) (File, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the person's own file
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, nil
	}
	if err != nil {
		return File{}, fmt.Errorf("users: %w", err)
	}
	var f File
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return File{}, fmt.Errorf("users: %s: %w", path, err)
	}
	if err := f.check(); err != nil {
		return File{}, fmt.Errorf("users: %s: %w", path, err)
	}
	// The secrets of access keys are in it.
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		return File{}, fmt.Errorf("users: %s can be read by others: chmod 600 %s", path, path)
	}
	return f, nil
}

// Write writes a file of users, for its owner's eyes alone.
func Write(path string, f File) error {
	if err := f.check(); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("users: %w", err)
	}
	return wholefile.Write(path, append(text, '\n'))
}

var (
	tokenForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
	keyForm   = regexp.MustCompile(`^[A-Z0-9]{16,128}$`)
)

func (f File) check() error {
	seen := map[string]string{}
	once := func(what, value, name string) error {
		if other, taken := seen[what+value]; taken {
			return fmt.Errorf("user %s has the %s of %s", name, what, other)
		}
		seen[what+value] = name
		return nil
	}
	for i, u := range f.Users {
		if err := sandbox.CheckOwner(u.Name); err != nil {
			return fmt.Errorf("user %d: %w", i+1, err)
		}
		if access.IsSeat(u.Name) {
			return fmt.Errorf("user %s: seats in classes are called like this; choose another name", u.Name)
		}
		if !slices.Contains(access.Roles(), u.Role) {
			return fmt.Errorf("user %s: role %q must be one of %v", u.Name, u.Role, access.Roles())
		}
		errs := []error{once("name", u.Name, u.Name)}
		if u.TokenSHA256 != "" {
			if !tokenForm.MatchString(u.TokenSHA256) {
				return fmt.Errorf("user %s: tokenSha256 must be 64 hexadecimal digits", u.Name)
			}
			errs = append(errs, once("token", u.TokenSHA256, u.Name))
		}
		if u.AccessKey != nil {
			if !keyForm.MatchString(u.AccessKey.ID) || len(u.AccessKey.Secret) < 16 {
				return fmt.Errorf("user %s: accessKey must have an id of 16 to 128 capital letters and digits, and a secret of 16 characters or more", u.Name)
			}
			errs = append(errs, once("access key", u.AccessKey.ID, u.Name))
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	if f.JWT != nil {
		_, err := f.JWT.provider()
		return err
	}
	return nil
}
