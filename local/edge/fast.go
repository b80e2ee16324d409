package edge

type prepared struct{ bytes []byte }
