package edge

type prepared struct{ bytes []byte }
type programs struct{}

func (x *exchange) runViewerRequest() bool { return false }
func (x *exchange) runViewerResponse(status int, body []byte) (int, []byte, bool) {
	return status, body, false
}
