package image

import (
	"context"
	"fmt"
	"strings"
)

// Label is the label by which an image says where its site is: a folder, as an
// absolute path.
const Label = "mayfly.web-root"

// roots are where sites are in images that do not say: where web servers look
// for them, and where builders and habit put them.
func roots() []string {
	return []string{
		"/usr/share/nginx/html", "/usr/local/apache2/htdocs", "/usr/share/caddy",
		"/srv", "/var/www/html", "/app/dist", "/app/build", "/public", "/app/public", "/site", "/dist", "/build",
		"/",
	}
}

// systems are what images have that are made from an operating system. The top
// of such an image is no site, whatever lies there.
func systems() []string {
	return []string{"etc/passwd", "etc/os-release", "bin/sh", "usr/bin", "usr/lib"}
}

// webRoot returns the folder that is the site's root, and the name by which it
// was found: what the label says, or else the only one of the known folders
// that has an index page.
func (o *overlay) webRoot(ctx context.Context, label, index string) (folder *node, name string, err error) {
	if label != "" {
		folder, err := o.labelled(ctx, label, index)
		return folder, label, err
	}
	for _, root := range roots() {
		found, err := o.withIndex(ctx, root, index)
		if err != nil {
			return nil, "", err
		}
		switch {
		case found == nil || folder != nil && found.path == folder.path: // two names for one folder are one
		case folder != nil:
			return nil, "", refuse("", "two folders of the image have the index page %q, %s and %s; say which is the site, with LABEL %s=%s in the Dockerfile", index, name, root, Label, name)
		default:
			folder, name = found, root
		}
	}
	if folder == nil {
		return nil, "", refuse("", "the image has no web root: none of %s has the index page %q; say where the site is, with LABEL %s=/folder in the Dockerfile", strings.Join(roots(), ", "), index, Label)
	}
	return folder, name, nil
}

func (o *overlay) labelled(ctx context.Context, label, index string) (*node, error) {
	said := fmt.Sprintf("the image's label %s is %q", Label, label)
	if !strings.HasPrefix(label, "/") {
		return nil, refuse("", "%s; it must be an absolute path", said)
	}
	folder, err := o.resolve(ctx, label, label)
	if err != nil {
		return nil, err
	}
	if folder == nil || !folder.isFolder() {
		return nil, refuse("", "%s, and the image has no such folder", said)
	}
	page, err := o.resolve(ctx, label, folder.path+"/"+index)
	if err != nil {
		return nil, err
	}
	if page == nil || page.isFolder() {
		return nil, refuse("", "%s, and there is no index page %q in it", said, index)
	}
	return folder, nil
}

// withIndex returns the folder at a path if it has an index page, else nil. The
// top of an image has none if it is that of an operating system.
func (o *overlay) withIndex(ctx context.Context, path, index string) (*node, error) {
	folder, err := o.resolve(ctx, path, path)
	if err != nil || folder == nil || !folder.isFolder() {
		return nil, err
	}
	page, err := o.resolve(ctx, path, folder.path+"/"+index)
	if err != nil || page == nil || page.isFolder() {
		return nil, err
	}
	if folder.path != "" {
		return folder, nil
	}
	for _, part := range systems() {
		if found, err := o.resolve(ctx, path, part); err != nil || found != nil {
			return nil, err
		}
	}
	return folder, nil
}
