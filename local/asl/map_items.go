package asl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/asl/dataset"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// stateData is the source of items that stand in the state's input.
const stateData = "STATE_DATA"

// mapItem is an item of a map, as the context object has it.
type mapItem struct {
	index  int
	value  value
	key    string // the member's name, in a JSON object
	member bool
	source string // stateData or an s3:// URI
}

// input is what a child execution gets unless ItemSelector or ItemBatcher say
// something else.
func (item *mapItem) input() []byte {
	if !item.member {
		return item.value.raw
	}
	out := rawjson.AppendString([]byte(`{"Key":`), item.key)
	out = append(append(out, `,"Value":`...), item.value.raw...)
	return append(out, '}')
}

// readAhead is how much of an object is asked for at once.
const readAhead = 4 << 20

// errEnough ends the reading of items of which there are as many as are wanted.
var errEnough = errors.New("enough items")

// eachItem calls each with every item of a map, in their order.
func (run *mapRun) eachItem(ctx context.Context, plan *mapPlan, each func(*mapItem) error) error {
	n := 0
	take := func(item mapItem) error {
		if plan.maxItems > 0 && n == plan.maxItems {
			return errEnough
		}
		item.index = n
		n++
		return each(&item)
	}
	err := run.readItems(ctx, plan, take)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (run *mapRun) readItems(ctx context.Context, plan *mapPlan, take func(mapItem) error) error {
	r := run.s.mapping.reader
	if r == nil {
		return stateItems(plan.items, take)
	}
	s := itemSource{run: run, ctx: ctx, r: r}
	s.take = func(item mapItem) error {
		if err := take(item); err != nil {
			s.ended = err
		}
		return s.ended
	}
	switch {
	case r.list:
		return s.list(plan.from)
	case r.manifest == formatInventory:
		return s.inventory(plan.from)
	case r.manifest == formatAthena:
		return s.locations(plan.from)
	default:
		return s.file(plan.from, r.format)
	}
}

// stateItems yields the elements or the members of what the state's input has.
func stateItems(items value, take func(mapItem) error) error {
	for start, end := range rawjson.Elements(items.raw) {
		if err := take(mapItem{value: items.sub(start, end), source: stateData}); err != nil {
			return err
		}
	}
	for key, at := range rawjson.Members(items.raw) {
		if err := take(mapItem{value: items.sub(at[0], at[1]), key: key, member: true, source: stateData}); err != nil {
			return err
		}
	}
	return nil
}

// itemSource reads a map's items in an item store.
type itemSource struct {
	run  *mapRun
	ctx  context.Context //nolint:containedctx // of one reading, which is all that it is for
	r    *itemReader
	take func(mapItem) error
	// ended is why the reading ends before the items do.
	ended error
}

// list yields the objects under a prefix, or the items in each of them.
func (s *itemSource) list(from ObjectRef) error {
	err := s.run.e.items.List(s.ctx, from, func(o ListedObject) error {
		if s.r.flatten {
			if o.Size == 0 {
				return nil // what a console makes of a folder
			}
			return s.file(ObjectRef{Bucket: from.Bucket, Key: o.Key, Owner: from.Owner}, s.r.format)
		}
		return s.take(mapItem{value: value{raw: o.item()}, source: "s3://" + from.Bucket})
	})
	return s.wrong(err, "list", from)
}

// item is an object as a child execution gets it.
func (o *ListedObject) item() []byte {
	out := rawjson.AppendString([]byte(`{"Etag":`), o.ETag)
	out = rawjson.AppendString(append(out, `,"Key":`...), o.Key)
	out = strconv.AppendInt(append(out, `,"LastModified":`...), o.LastModified.Unix(), 10)
	out = strconv.AppendInt(append(out, `,"Size":`...), o.Size, 10)
	out = rawjson.AppendString(append(out, `,"StorageClass":`...), o.StorageClass)
	return append(out, '}')
}

// wrong says of an error where it happened; not of one that the items' receiver
// made, and not twice.
func (s *itemSource) wrong(err error, did string, at ObjectRef) error {
	if err == nil {
		return nil
	}
	if s.ended == nil {
		s.ended = &TaskError{Name: ErrorItemReaderFailed, Cause: fmt.Sprintf("Could not %s s3://%s/%s: %v", did, at.Bucket, at.Key, err)}
	}
	return s.ended
}

// file yields the items in an object.
func (s *itemSource) file(at ObjectRef, format string) error {
	source := "s3://" + at.Bucket + "/" + at.Key
	each := func(item dataset.Item) error {
		return s.take(mapItem{value: value{raw: item.Value}, key: item.Key, member: item.Member, source: source})
	}
	err := s.open(at, func(o Object, text io.Reader) error {
		if format != formatParquet {
			return s.r.readText(text, format, each)
		}
		if s.run.e.parquet == nil {
			return errors.New("nothing here reads Parquet files")
		}
		return s.run.e.parquet.ReadRows(o, o.Size(), func(row []byte) error { return each(dataset.Item{Value: row}) })
	})
	return s.wrong(err, "read the items of", at)
}

// readText yields the items in a text.
func (r *itemReader) readText(text io.Reader, format string, each dataset.Each) error {
	switch format {
	case formatCSV:
		return dataset.CSV(text, dataset.Columns{Delimiter: r.delimiter, Headers: r.headers}, each) //nolint:wrapcheck // it says where
	case formatLines:
		return dataset.Lines(text, each) //nolint:wrapcheck // it says where
	default:
		return dataset.JSON(text, r.pointer, each) //nolint:wrapcheck // it says where
	}
}

// open reads an object, decompressed.
func (s *itemSource) open(at ObjectRef, read func(o Object, text io.Reader) error) error {
	o, err := s.run.e.items.Open(s.ctx, at)
	if err != nil {
		return err //nolint:wrapcheck // wrong says where it happened
	}
	if o.Size() > dataset.MaxFile {
		return dataset.ErrFileTooLarge
	}
	text, err := dataset.Decompress(at.Key, bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), int(min(o.Size()+1, readAhead))))
	if err != nil {
		return err //nolint:wrapcheck // wrong says where it happened
	}
	defer func() { _ = text.Close() }() // what is wrong with it shows when it is read
	return read(o, dataset.Bounded(text))
}

// inventory yields what the files of an S3 inventory report list.
func (s *itemSource) inventory(at ObjectRef) error {
	var report dataset.Inventory
	err := s.open(at, func(_ Object, text io.Reader) (err error) {
		report, err = dataset.ReadInventory(text)
		return err //nolint:wrapcheck // wrong says where it happened
	})
	if err != nil {
		return s.wrong(err, "read the manifest", at)
	}
	for _, key := range report.Keys {
		file := ObjectRef{Bucket: report.Bucket, Key: key, Owner: at.Owner}
		err := s.open(file, func(_ Object, text io.Reader) error {
			return dataset.CSV(text, dataset.Columns{Delimiter: ',', Headers: report.Columns}, func(item dataset.Item) error {
				return s.take(mapItem{value: value{raw: item.Value}, source: "s3://" + file.Bucket + "/" + file.Key})
			})
		})
		if err != nil {
			return s.wrong(err, "read the items of", file)
		}
	}
	return nil
}

// locations yields the items in the files that a manifest of Athena's names.
func (s *itemSource) locations(at ObjectRef) error {
	err := s.open(at, func(_ Object, text io.Reader) error {
		return dataset.Locations(text, func(bucket, key string) error {
			return s.file(ObjectRef{Bucket: bucket, Key: key, Owner: at.Owner}, s.r.format)
		})
	})
	return s.wrong(err, "read the manifest", at)
}
