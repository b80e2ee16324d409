package edge_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/edge"
)

const folders = `function handler(event) {
  var r = event.request;
  if (r.uri.endsWith('/')) r.uri += 'index.html';
  return r;
}`

func withFunctions(code map[types.EventType]string) func(*world, *types.DistributionConfig) {
	return func(w *world, c *types.DistributionConfig) {
		list := &types.FunctionAssociations{}
		for event, text := range code {
			arn := w.function(string(event), text)
			list.Items = append(list.Items, types.FunctionAssociation{EventType: event, FunctionARN: &arn})
		}
		list.Quantity = aws.Int32(int32(len(list.Items)))
		c.DefaultCacheBehavior.FunctionAssociations = list
	}
}

func TestAFunctionMakesFolderURLsWork(t *testing.T) {
	w := build(t, edge.Options{}, withFunctions(map[types.EventType]string{"viewer-request": folders}))
	w.bucket.put("/docs/index.html", page("docs"))
	w.bucket.put("/index.html", page("home"))
	expect(t, w.get("/docs/"), 200, "Miss")
	expect(t, w.get("/docs/"), 200, "Hit")
	expect(t, w.get("/docs/index.html"), 200, "Hit")
	expect(t, w.get("/"), 200, "Miss")
}

func TestAFunctionAnswersOrChangesAnswers(t *testing.T) {
	w := build(t, edge.Options{}, withFunctions(map[types.EventType]string{
		"viewer-request":  `function handler(e) { return e.request.uri === '/old' ? {statusCode: 301, headers: {location: {value: '/new'}}} : e.request }`,
		"viewer-response": `function handler(e) { e.response.headers['x-made'] = {value: e.request.uri}; return e.response }`,
	}))
	w.bucket.put("/new", page("new"))
	moved := w.get("/old")
	expect(t, moved, 301, "FunctionGeneratedResponse")
	if moved.Header.Get("Location") != "/new" {
		t.Errorf("got %v", moved.Header)
	}
	expect(t, w.get("/new"), 200, "Miss")
	again := w.get("/new")
	if body := expect(t, again, 200, "Hit"); body != page("new").body || again.Header.Get("X-Made") != "/new" || again.Header.Get("Content-Type") != "text/html" {
		t.Errorf("got %v", again.Header)
	}
}

func TestAFailingFunctionIs503UntilItIsPublishedAnew(t *testing.T) {
	w := build(t, edge.Options{}, withFunctions(map[types.EventType]string{"viewer-request": `function handler(e) { return nothing }`}))
	w.bucket.put("/a", page("a"))
	expect(t, w.get("/a"), 503, "FunctionExecutionError")
	name := aws.String("viewer-request")
	current, err := w.control.DescribeFunction(t.Context(), &sdk.DescribeFunctionInput{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	updated, err := w.control.UpdateFunction(t.Context(), &sdk.UpdateFunctionInput{
		Name: name, IfMatch: current.ETag, FunctionCode: []byte(folders), FunctionConfig: current.FunctionSummary.FunctionConfig,
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, w.get("/a"), 503, "FunctionExecutionError")
	if _, err := w.control.PublishFunction(t.Context(), &sdk.PublishFunctionInput{Name: name, IfMatch: updated.ETag}); err != nil {
		t.Fatal(err)
	}
	expect(t, w.get("/a"), 200, "Miss")
}
