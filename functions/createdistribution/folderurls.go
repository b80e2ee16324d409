package createdistribution

import _ "embed" // for FolderURLs

// FolderURLs is the code of the installation's one CloudFront function, for
// the runtime cloudfront-js-2.0 and the event viewer-request: it asks for the
// page of a folder, /docs/ for /docs/index.html. Every distribution but those
// of single-page apps is associated with it. It can't read a distribution's
// configuration, so a folder's page is index.html for every site; a spec's
// IndexDocument names the page of the root, which CloudFront itself asks for.
//
//go:embed folderurls.js
var FolderURLs string
