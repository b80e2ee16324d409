package asl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
)

func TestWhatMapsMaySay(t *testing.T) {
	const get, list = `"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}`, `"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"b"}`
	config := func(resource, config string) string {
		return `"ItemReader":{` + resource + `,"ReaderConfig":{` + config + `}},`
	}
	inline := func(fields string) string {
		return `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,` + fields + `"ItemProcessor":{"StartAt":"I","States":{` + keepStates + `}}}}}`
	}
	const put = `"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"}`
	for _, c := range []struct{ does, definition, refused string }{
		{"ItemReader inline", inline(`"ItemReader":{` + get + `},`), `'ItemReader' is only supported in DISTRIBUTED mode at /States/M/ItemReader`},
		{"ItemBatcher inline", inline(`"ItemBatcher":{"MaxItemsPerBatch":1},`), `'ItemBatcher' is only supported in DISTRIBUTED mode`},
		{"ResultWriter inline", inline(`"ResultWriter":{` + put + `},`), `'ResultWriter' is only supported in DISTRIBUTED mode`},
		{"Label inline", inline(`"Label":"l",`), `'Label' is only supported in DISTRIBUTED mode`},
		{"ToleratedFailureCount inline", inline(`"ToleratedFailureCount":1,`), `'ToleratedFailureCount' is only supported in DISTRIBUTED mode`},
		{"ToleratedFailureCountPath inline", inline(`"ToleratedFailureCountPath":"$.n",`), `'ToleratedFailureCountPath' is only supported in DISTRIBUTED mode`},
		{"ToleratedFailurePercentage inline", inline(`"ToleratedFailurePercentage":1,`), `'ToleratedFailurePercentage' is only supported in DISTRIBUTED mode`},
		{"ToleratedFailurePercentagePath inline", inline(`"ToleratedFailurePercentagePath":"$.n",`), `'ToleratedFailurePercentagePath' is only supported in DISTRIBUTED mode`},
		{"more than 40 at once inline", inline(`"MaxConcurrency":41,`), ""},

		{"a percentage over a hundred", mapping("STANDARD", `"ToleratedFailurePercentage":101,`, keepStates), `'ToleratedFailurePercentage' must be between 0 and 100`},
		{"a count below zero", mapping("STANDARD", `"ToleratedFailureCount":-1,`, keepStates), `'ToleratedFailureCount' must be between`},
		{"a count and its path", mapping("STANDARD", `"ToleratedFailureCount":1,"ToleratedFailureCountPath":"$.n",`, keepStates), `Only one of 'ToleratedFailureCount'`},
		{"a reader of nothing", mapping("STANDARD", `"ItemReader":{},`, keepStates), `These fields are required: [Resource] at /States/M/ItemReader`},
		{"a reader of something else", mapping("STANDARD", `"ItemReader":{"Resource":"arn:aws:states:::dynamodb:scan"},`, keepStates), `The resource provided arn:aws:states:::dynamodb:scan is not recognized`},
		{"a reader of another partition", mapping("STANDARD", `"ItemReader":{"Resource":"arn:aws-cn:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},`, keepStates), ""},
		{"Arguments in JSONPath", mapping("STANDARD", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Arguments":{}},`, keepStates), `'Arguments'`},
		{"an input type that is none", mapping("STANDARD", config(get, `"InputType":"XML"`), keepStates), `Value is not one of [CSV, JSON, JSONL, PARQUET, MANIFEST] at /States/M/ItemReader/ReaderConfig/InputType`},
		{"a field that is none", mapping("STANDARD", config(get, `"Colour":"red"`), keepStates), `'Colour'`},
		{"Parquet", mapping("STANDARD", config(get, `"InputType":"PARQUET"`), keepStates), ""},
		{"a manifest type that is none", mapping("STANDARD", config(get, `"ManifestType":"X"`), keepStates), `Value is not one of [ATHENA_DATA, S3_INVENTORY]`},
		{"a manifest of a listing", mapping("STANDARD", config(list, `"ManifestType":"S3_INVENTORY"`), keepStates), `A manifest is read by 'getObject'`},
		{"a manifest of a listing by its older name", mapping("STANDARD", config(list, `"InputType":"MANIFEST"`), keepStates), `A manifest is read by 'getObject'`},
		{"an inventory with an input type", mapping("STANDARD", config(get, `"ManifestType":"S3_INVENTORY","InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"`), keepStates), `'InputType' is not supported with the 'ManifestType' S3_INVENTORY`},
		{"a manifest of Athena without input type", mapping("STANDARD", config(get, `"ManifestType":"ATHENA_DATA"`), keepStates), `Value is not one of [CSV, JSONL, PARQUET]`},
		{"a manifest of Athena of JSON", mapping("STANDARD", config(get, `"ManifestType":"ATHENA_DATA","InputType":"JSON"`), keepStates), `Value is not one of [CSV, JSONL, PARQUET]`},
		{"a manifest of Athena", mapping("STANDARD", config(get, `"ManifestType":"ATHENA_DATA","InputType":"PARQUET"`), keepStates), ""},
		{"a transformation that is none", mapping("STANDARD", config(list, `"Transformation":"X"`), keepStates), `Value is not one of [NONE, LOAD_AND_FLATTEN]`},
		{"to load and flatten an object", mapping("STANDARD", config(get, `"InputType":"JSON","Transformation":"LOAD_AND_FLATTEN"`), keepStates), `'LOAD_AND_FLATTEN' is only supported by 'listObjectsV2'`},
		{"to load and flatten what is of no type", mapping("STANDARD", config(list, `"Transformation":"LOAD_AND_FLATTEN"`), keepStates), `These fields are required: [InputType]`},
		{"to load and flatten", mapping("STANDARD", config(list, `"Transformation":"LOAD_AND_FLATTEN","InputType":"JSONL"`), keepStates), ""},
		{"to transform nothing", mapping("STANDARD", config(list, `"Transformation":"NONE"`), keepStates), ""},
		{"MaxItems of 0", mapping("STANDARD", config(get, `"MaxItems":0`), keepStates), `'MaxItems' must be between 1 and 1e+08`},
		{"MaxItems of more than a hundred million", mapping("STANDARD", config(get, `"MaxItems":100000001`), keepStates), `'MaxItems' must be between`},
		{"a pointer that is none", mapping("STANDARD", config(get, `"ItemsPointer":"a"`), keepStates), `Value is not a valid JSON pointer`},
		{"a pointer into CSV", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","ItemsPointer":"/a"`), keepStates), `'ItemsPointer' is only supported with the 'InputType' JSON`},
		{"a pointer into a listing", mapping("STANDARD", config(list, `"ItemsPointer":"/a"`), keepStates), `'ItemsPointer' is only supported with the 'InputType' JSON`},
		{"CSV without header location", mapping("STANDARD", config(get, `"InputType":"CSV"`), keepStates), `These fields are required: [CSVHeaderLocation]`},
		{"a header location that is none", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"LAST_ROW"`), keepStates), `Value is not one of [FIRST_ROW, GIVEN]`},
		{"headers that are not given", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"GIVEN"`), keepStates), `These fields are required: [CSVHeaders]`},
		{"headers beside those of the first row", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","CSVHeaders":["a"]`), keepStates), `'CSVHeaders' is only supported with the 'CSVHeaderLocation' GIVEN`},
		{"no headers", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":[]`), keepStates), `at least one header`},
		{"headers that are numbers", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":[1]`), keepStates), `Array of String`},
		{"headers of more than 10 KiB", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["`+strings.Repeat("h", 10241)+`"]`), keepStates), `at most 10240 bytes`},
		{"a delimiter that is none", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","CSVDelimiter":","`), keepStates), `Value is not one of [COMMA, PIPE, SEMICOLON, SPACE, TAB]`},
		{"a delimiter of JSON", mapping("STANDARD", config(get, `"InputType":"JSON","CSVDelimiter":"TAB"`), keepStates), `'CSVDelimiter' is only supported with the 'InputType' CSV`},
		{"a header location of JSON lines", mapping("STANDARD", config(get, `"InputType":"JSONL","CSVHeaderLocation":"FIRST_ROW"`), keepStates), `'CSVHeaderLocation' is only supported with the 'InputType' CSV`},
		{"every delimiter", mapping("STANDARD", config(get, `"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","CSVDelimiter":"SEMICOLON"`), keepStates), ""},

		{"a batcher without limits", mapping("STANDARD", `"ItemBatcher":{"BatchInput":{}},`, keepStates), `ItemBatcher must have 'MaxItemsPerBatch' or 'MaxInputBytesPerBatch'`},
		{"batches of no items", mapping("STANDARD", `"ItemBatcher":{"MaxItemsPerBatch":0},`, keepStates), `'MaxItemsPerBatch' must be between 1`},
		{"batches of more than 256 KiB", mapping("STANDARD", `"ItemBatcher":{"MaxInputBytesPerBatch":262145},`, keepStates), `'MaxInputBytesPerBatch' must be between 1 and 262144`},

		{"an empty writer", mapping("STANDARD", `"ResultWriter":{},`, keepStates), `ResultWriter must have 'Resource' or 'WriterConfig'`},
		{"a writer without parameters", mapping("STANDARD", `"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject"},`, keepStates), `ResultWriter with 'Resource' must have 'Parameters' or 'Arguments'`},
		{"parameters of no resource", mapping("STANDARD", `"ResultWriter":{"Parameters":{"Bucket":"b"}},`, keepStates), `These fields are required: [Resource]`},
		{"a writer to somewhere else", mapping("STANDARD", `"ResultWriter":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{}},`, keepStates), `not recognized`},
		{"a writer's transformation that is none", mapping("STANDARD", `"ResultWriter":{"WriterConfig":{"Transformation":"X"}},`, keepStates), `Value is not one of [NONE, COMPACT, FLATTEN]`},
		{"an output type that is none", mapping("STANDARD", `"ResultWriter":{"WriterConfig":{"OutputType":"CSV"}},`, keepStates), `Value is not one of [JSON, JSONL]`},
		{"a writer of everything", mapping("STANDARD", `"ResultWriter":{`+put+`,"WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSONL"}},`, keepStates), ""},
		{"a writer that only transforms", mapping("STANDARD", `"ResultWriter":{"WriterConfig":{"Transformation":"NONE"}},`, keepStates), ""},

		{"a map within an Express execution of a map", mapping("EXPRESS", "", `"I":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"J","States":{"J":{"Type":"Succeed"}}}}`), `Express state machine does not support DISTRIBUTED mode`},
		{"a map within a Standard execution of a map", mapping("STANDARD", "", `"I":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"J","States":{"J":{"Type":"Succeed"}}}}`), ""},
	} {
		t.Run(c.does, func(t *testing.T) {
			_, err := asl.Parse([]byte(c.definition))
			var refused *asl.DefinitionError
			if c.refused == "" && err != nil || c.refused != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := asl.Parse([]byte(mapping("STANDARD", "", keepStates)), asl.Express()); err == nil || !strings.Contains(err.Error(), "Express state machine does not support DISTRIBUTED mode") {
		t.Errorf("a distributed map of an Express machine: %v", err)
	}
}
