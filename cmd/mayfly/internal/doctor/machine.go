package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Port says whether an address is free for Mayfly, or Mayfly is there already.
// flag is what changes it. A service that is Mayfly's says so by mine.
func Port(flag, address string, mine func(context.Context) bool) Check {
	return func(ctx context.Context) []Result {
		check := "port " + address
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err == nil {
			if err := listener.Close(); err != nil {
				return fail(check, "it can't be let go: "+err.Error(), "try again")
			}
			return ok(check, "free")
		}
		if errors.Is(err, syscall.EADDRINUSE) {
			if mine(ctx) {
				return ok(check, "Mayfly is there")
			}
			return fail(check, "another program has it", "stop that, or start mayfly local with another "+flag)
		}
		return fail(check, err.Error(), "start mayfly local with another "+flag)
	}
}

// Registry says whether the registry on one machine answers as registries do.
func Registry(client Doer, address string) Check {
	return func(ctx context.Context) []Result {
		if !IsRegistry(ctx, client, address) {
			return skip("registry", "it does not answer: Mayfly does not run (mayfly local starts it)")
		}
		return ok("registry", address+" takes docker push")
	}
}

// IsRegistry reports whether a container registry of Mayfly's answers at an
// address.
func IsRegistry(ctx context.Context, client Doer, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/v2/", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close() //nolint:errcheck // nothing is read
	return response.StatusCode == http.StatusUnauthorized && strings.HasPrefix(response.Header.Get("WWW-Authenticate"), "Basic")
}

// IsAPI reports whether Mayfly's API answers at an address.
func IsAPI(ctx context.Context, client Doer, address string) bool {
	version, _, err := ask(ctx, client, "http://"+address)
	return err == nil && version != ""
}

// Resolver looks names up; *net.Resolver does.
type Resolver interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
}

// siteName is a name as the sites on one machine have them.
const siteName = "d111111abcdef8.cloudfront.localhost"

// Names says whether the system finds the sites' names on this machine. It
// need not: browsers and curl do that by themselves.
func Names(resolver Resolver) Check {
	return func(ctx context.Context) []Result {
		const check = "names of sites"
		found, err := resolver.LookupHost(ctx, siteName)
		if err != nil || len(found) == 0 {
			return warn(check, "the system does not know *.cloudfront.localhost; browsers and curl do", "for other programs: systemd-resolved or dnsmasq, or ask the AWS port with the site's name as Host")
		}
		for _, address := range found {
			if ip := net.ParseIP(address); ip == nil || !ip.IsLoopback() {
				return fail(check, siteName+" is at "+address+", which is not this machine", "take *.localhost out of the DNS that says so, or of /etc/hosts")
			}
		}
		return ok(check, "*.cloudfront.localhost is this machine")
	}
}

// How much room the data's disk must have, in bytes.
const (
	leastFree = 100 << 20
	goodFree  = 1 << 30
)

// Data says whether the data folder can be written and has room. free returns
// the bytes that are free on a folder's disk.
func Data(folder string, free func(folder string) (uint64, error)) Check {
	return func(context.Context) []Result {
		there := existing(folder)
		probe, err := os.CreateTemp(there, ".mayfly-doctor-*")
		if err != nil {
			return append(
				fail("data folder", err.Error(), "choose another folder with --data, or let yourself write to this one"),
				skip("disk", "the folder can't be written")...)
		}
		if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
			return fail("data folder", err.Error(), "choose another folder with --data")
		}
		found := folder + " can be written"
		if there != folder {
			found = folder + " can be made"
		}
		return append(ok("data folder", found), disk(there, free)...)
	}
}

func disk(folder string, free func(string) (uint64, error)) []Result {
	bytes, err := free(folder)
	if err != nil {
		return skip("disk", err.Error())
	}
	found := fmt.Sprintf("%d MiB free", bytes>>20)
	const do = "make room, or choose a folder on another disk with --data"
	switch {
	case bytes < leastFree:
		return fail("disk", found, do)
	case bytes < goodFree:
		return warn("disk", found, do)
	}
	return ok("disk", found)
}

// existing returns the folder, or the nearest one above it that is there.
func existing(folder string) string {
	for {
		if _, err := os.Stat(folder); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			return folder
		}
		folder = above
	}
}
