// Package image reads a site out of a container image: it finds the image's
// web root, and flattens the layers there to the files that a container would
// see. Everything that it reads is hostile input.
//
// Layers are read as streams and never unpacked to disk. Of each layer a table
// of contents is kept , so that a layer that was read once, for
// whatever image, is read again only for files that are to be written. What was
// read counts only once the layer's digest was right.
//
// The package knows no cloud: where images are is a [Source], where tables of
// contents are kept a [Cache].
package image
