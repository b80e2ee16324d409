// Package dockerauth keeps logins where container clients look for them:
// docker's configuration, which podman, buildah and skopeo read too, and the
// files of theirs that would come before it.
package dockerauth

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
)

// Login is a user name and password for a registry, which is known by its host
// and port.
type Login struct {
	Registry, User, Password string
}

// Places are where this person's clients look. Build them with Find.
type Places struct {
	docker     string   // the folder of docker's configuration
	containers []string // files of podman, buildah and skopeo, the first first
	named      bool     // by REGISTRY_AUTH_FILE
	registries string   // the folder of what they are told of registries
}

// Find finds the places by the environment and the home folder.
func Find(getenv func(string) string, home string) Places {
	p := Places{docker: getenv("DOCKER_CONFIG"), registries: filepath.Join(home, ".config", "containers", "registries.conf.d")}
	if p.docker == "" {
		p.docker = filepath.Join(home, ".docker")
	}
	if file := getenv("REGISTRY_AUTH_FILE"); file != "" {
		p.containers, p.named = []string{file}, true
		return p
	}
	if folder := getenv("XDG_RUNTIME_DIR"); folder != "" {
		p.containers = append(p.containers, filepath.Join(folder, "containers", "auth.json"))
	} else {
		p.containers = append(p.containers, filepath.Join("/run/containers", fmt.Sprint(os.Getuid()), "auth.json"))
	}
	folder := getenv("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(home, ".config")
	}
	p.containers = append(p.containers, filepath.Join(folder, "containers", "auth.json"))
	return p
}

// Keep keeps a login and returns where: files, or a credential helper of
// docker's. A file of podman's is written when REGISTRY_AUTH_FILE names it, and
// when it has an older login for the registry, which would be taken first.
func (p Places) Keep(login Login) ([]string, error) {
	docker, err := config.Load(p.docker)
	if err != nil {
		return nil, fmt.Errorf("read docker's configuration: %w", err)
	}
	where, err := keep(docker, login)
	if err != nil {
		return nil, fmt.Errorf("keep the login in docker's configuration: %w", err)
	}
	kept := []string{where}
	for _, file := range p.containers {
		auth, err := read(file)
		if err != nil {
			return kept, err
		}
		if _, known := auth.AuthConfigs[login.Registry]; !known && !p.named {
			continue
		}
		if where, err = keep(auth, login); err != nil {
			return kept, fmt.Errorf("keep the login in %s: %w", file, err)
		}
		kept = append(kept, where)
	}
	return kept, nil
}

// read reads a file of podman's, which has the form of docker's.
func read(file string) (*configfile.ConfigFile, error) {
	auth := configfile.New(file)
	content, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return auth, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = content.Close() }() // it was only read
	if err := auth.LoadFromReader(content); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return auth, nil
}

func keep(in *configfile.ConfigFile, login Login) (string, error) {
	auth := types.AuthConfig{ServerAddress: login.Registry, Username: login.User, Password: login.Password}
	helper := in.CredentialsStore
	if own, ok := in.CredentialHelpers[login.Registry]; ok {
		helper = own
	}
	if helper != "" {
		return "docker-credential-" + helper, in.GetCredentialsStore(login.Registry).Store(auth)
	}
	if in.AuthConfigs == nil {
		in.AuthConfigs = map[string]types.AuthConfig{}
	}
	in.AuthConfigs[login.Registry] = auth
	return in.Filename, in.Save()
}

// SpeakHTTP tells podman, buildah and skopeo that a registry on this machine
// speaks HTTP without TLS, as docker takes for granted, and returns the file
// that says so.
func (p Places) SpeakHTTP(registry string) (string, error) {
	file := filepath.Join(p.registries, "mayfly-"+strings.NewReplacer(":", "-", "[", "", "]", "").Replace(registry)+".conf")
	content := fmt.Sprintf("# Written by mayfly login.\n[[registry]]\nlocation = %q\ninsecure = true\n", registry)
	if old, err := os.ReadFile(file); err == nil && string(old) == content {
		return file, nil
	}
	if err := os.MkdirAll(p.registries, 0o755); err != nil {
		return "", err
	}
	return file, os.WriteFile(file, []byte(content), 0o644)
}
