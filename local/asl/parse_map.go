package asl

import (
	"math"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/dataset"
)

// Formats of data sets, as InputType and ManifestType have them.
const (
	formatJSON      = "JSON"
	formatLines     = "JSONL"
	formatCSV       = "CSV"
	formatParquet   = "PARQUET"
	formatManifest  = "MANIFEST" // the older name of an inventory
	formatAthena    = "ATHENA_DATA"
	formatInventory = "S3_INVENTORY"
)

// itemReader is where a distributed map's items come from.
type itemReader struct {
	parameters *template
	list       bool   // the objects of a bucket
	flatten    bool   // and of each its items
	manifest   string // formatAthena or formatInventory; "" for none
	format     string // of a file
	headers    []string
	delimiter  byte
	maxItems   quantity
	pointer    string
}

// itemBatcher puts several items into one child execution.
type itemBatcher struct {
	input    *template
	maxItems quantity
	maxBytes quantity
}

// resultWriter says what is made of a distributed map's results, and where they
// go unless they are the state's output.
type resultWriter struct {
	store      bool
	parameters *template
	lines      bool   // JSONL
	transform  string // transformNone, transformCompact or transformFlatten
}

// What is made of child executions' outputs.
const (
	transformNone    = "NONE"
	transformCompact = "COMPACT"
	transformFlatten = "FLATTEN"
)

// onlyDistributed are the fields that an inline map does not have.
var onlyDistributed = [...]string{"ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount",
	"ToleratedFailureCountPath", "ToleratedFailurePercentage", "ToleratedFailurePercentagePath"}

// distributedFields reads what only distributed maps have.
func (p *parser) distributedFields(s *State, m *mapState, f *fields) {
	for _, name := range onlyDistributed {
		if f.has(name) && !m.distributed {
			p.errorf(at(f.location, name), "'%s' is only supported in DISTRIBUTED mode", name)
		}
	}
	if n := f.get("ItemReader"); n != nil {
		m.reader = p.itemReader(p.fields(n, at(f.location, "ItemReader")), s)
	}
	if n := f.get("ItemBatcher"); n != nil {
		m.batcher = p.itemBatcher(p.fields(n, at(f.location, "ItemBatcher")), s)
	}
	if n := f.get("ResultWriter"); n != nil {
		m.writer = p.resultWriter(p.fields(n, at(f.location, "ResultWriter")), s)
	}
}

// payload reads Parameters, or Arguments where JSONata is the language.
func (f *fields) payload(s *State) *template {
	if s.jsonata {
		if n := f.get("Arguments"); n != nil {
			return f.p.queryTemplate(n, at(f.location, "Arguments"))
		}
		return nil
	}
	if n := f.get("Parameters"); n != nil {
		return f.p.pathTemplate(n, at(f.location, "Parameters"))
	}
	return nil
}

// oneOf reads a text that must be one of a few; otherwise is what "" stands for.
func (f *fields) oneOf(name, otherwise string, all ...string) string {
	n := f.get(name)
	if n == nil {
		return otherwise
	}
	if n.kind != '"' || !slices.Contains(all, n.str) {
		f.p.errorf(at(f.location, name), "Value is not one of [%s]", strings.Join(all, ", "))
		return otherwise
	}
	return n.str
}

// s3Resource reads a resource that is an action of S3, without its partition.
func (f *fields) s3Resource(actions ...string) string {
	resource := f.text("Resource")
	parts := strings.Split(resource, ":")
	if len(parts) == 7 && parts[0] == "arn" && parts[2] == "states" && parts[5] == "s3" && slices.Contains(actions, parts[6]) {
		return parts[6]
	}
	if f.has("Resource") {
		f.p.errorf(at(f.location, "Resource"), "The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.", resource)
	}
	return ""
}

func (p *parser) itemReader(f *fields, s *State) *itemReader {
	r := &itemReader{}
	r.list = f.s3Resource("getObject", "listObjectsV2") == "listObjectsV2"
	if !f.has("Resource") {
		p.errorf(f.location, "These fields are required: [Resource]")
	}
	r.parameters = f.payload(s)
	p.readerConfig(r, f, s)
	f.unknown()
	return r
}

func (p *parser) readerConfig(r *itemReader, f *fields, s *State) {
	r.format, r.delimiter = formatJSON, ','
	n := f.get("ReaderConfig")
	if n == nil {
		return
	}
	c := p.fields(n, at(f.location, "ReaderConfig"))
	r.format = c.oneOf("InputType", formatJSON, formatCSV, formatJSON, formatLines, formatParquet, formatManifest)
	r.manifest = c.oneOf("ManifestType", "", formatAthena, formatInventory)
	r.flatten = c.oneOf("Transformation", transformNone, transformNone, "LOAD_AND_FLATTEN") == "LOAD_AND_FLATTEN"
	r.maxItems = c.quantity("MaxItems", s.jsonata, 1, 100_000_000)
	switch {
	case c.has("ManifestType") && r.list, r.format == formatManifest && r.list:
		p.errorf(c.location, "A manifest is read by 'getObject', and not by 'listObjectsV2'")
	case r.flatten && !r.list:
		p.errorf(at(c.location, "Transformation"), "'LOAD_AND_FLATTEN' is only supported by 'listObjectsV2'")
	case r.flatten && !c.has("InputType"):
		p.errorf(c.location, "These fields are required: [InputType]")
	case r.manifest == formatInventory && c.has("InputType"):
		p.errorf(at(c.location, "InputType"), "'InputType' is not supported with the 'ManifestType' S3_INVENTORY")
	case r.manifest == formatAthena && (!c.has("InputType") || r.format == formatJSON || r.format == formatManifest):
		p.errorf(at(c.location, "InputType"), "Value is not one of [CSV, JSONL, PARQUET]")
	case r.format == formatManifest && !c.has("ManifestType"):
		r.manifest = formatInventory
	}
	p.csvFields(r, c)
	if r.pointer = c.text("ItemsPointer"); c.has("ItemsPointer") {
		if _, err := dataset.Pointer(r.pointer); err != nil {
			p.errorf(at(c.location, "ItemsPointer"), "Value is not a valid JSON pointer (%v)", err)
		} else if r.format != formatJSON || r.manifest != "" || r.list && !r.flatten {
			p.errorf(at(c.location, "ItemsPointer"), "'ItemsPointer' is only supported with the 'InputType' JSON")
		}
	}
	c.unknown()
}

// csvFields reads how a CSV file is laid out.
func (p *parser) csvFields(r *itemReader, c *fields) {
	place := c.oneOf("CSVHeaderLocation", "", "FIRST_ROW", "GIVEN")
	delimiter := c.oneOf("CSVDelimiter", "COMMA", "COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")
	r.delimiter = map[string]byte{"COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "SPACE": ' ', "TAB": '\t'}[delimiter]
	headers := c.get("CSVHeaders")
	if headers != nil {
		r.headers = []string{}
		size := 0
		for _, header := range headers.vals {
			if header.kind != '"' {
				c.wrong("CSVHeaders", "Array of String")
				break
			}
			r.headers = append(r.headers, header.str)
			size += len(header.str)
		}
		if headers.kind != '[' || len(headers.vals) == 0 || size > dataset.MaxHeaders {
			p.errorf(at(c.location, "CSVHeaders"), "CSVHeaders must be an array of at least one header, of at most %d bytes together", dataset.MaxHeaders)
		}
	}
	if r.format != formatCSV {
		// Inventories are CSV files too; what is said of them stands in the manifest.
		for _, name := range []string{"CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"} {
			if c.has(name) && r.manifest != formatInventory {
				p.errorf(at(c.location, name), "'%s' is only supported with the 'InputType' CSV", name)
			}
		}
		return
	}
	switch {
	case place == "" && !c.has("CSVHeaderLocation"):
		p.errorf(c.location, "These fields are required: [CSVHeaderLocation]")
	case place == "GIVEN" && headers == nil:
		p.errorf(c.location, "These fields are required: [CSVHeaders]")
	case place == "FIRST_ROW" && headers != nil:
		p.errorf(at(c.location, "CSVHeaders"), "'CSVHeaders' is only supported with the 'CSVHeaderLocation' GIVEN")
	}
}

func (p *parser) itemBatcher(f *fields, s *State) *itemBatcher {
	b := &itemBatcher{
		maxItems: f.quantity("MaxItemsPerBatch", s.jsonata, 1, math.MaxInt32),
		maxBytes: f.quantity("MaxInputBytesPerBatch", s.jsonata, 1, MaxPayload),
	}
	if n := f.get("BatchInput"); n != nil {
		if s.jsonata {
			b.input = p.queryTemplate(n, at(f.location, "BatchInput"))
		} else {
			b.input = p.pathTemplate(n, at(f.location, "BatchInput"))
		}
	}
	if !b.maxItems.set && !b.maxBytes.set {
		p.errorf(f.location, "ItemBatcher must have 'MaxItemsPerBatch' or 'MaxInputBytesPerBatch'")
	}
	f.unknown()
	return b
}

func (p *parser) resultWriter(f *fields, s *State) *resultWriter {
	w := &resultWriter{transform: transformCompact}
	w.store = f.s3Resource("putObject") != ""
	if w.store {
		w.transform = transformNone
	}
	w.parameters = f.payload(s)
	if n := f.get("WriterConfig"); n != nil {
		c := p.fields(n, at(f.location, "WriterConfig"))
		w.transform = c.oneOf("Transformation", w.transform, transformNone, transformCompact, transformFlatten)
		w.lines = c.oneOf("OutputType", formatJSON, formatJSON, formatLines) == formatLines
		c.unknown()
	}
	switch {
	case f.has("Resource") && w.parameters == nil:
		p.errorf(f.location, "ResultWriter with 'Resource' must have 'Parameters' or 'Arguments'")
	case !f.has("Resource") && w.parameters != nil:
		p.errorf(f.location, "These fields are required: [Resource]")
	case !f.has("Resource") && !f.has("WriterConfig"):
		p.errorf(f.location, "ResultWriter must have 'Resource' or 'WriterConfig'")
	}
	f.unknown()
	return w
}
