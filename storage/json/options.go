package json

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

const (
	// chunkSize is the bytes of a chunk of lines.
	chunkSize = 256 << 10
	// defaultMaxRecord is the longest record that is read unless the option says otherwise.
	defaultMaxRecord = 64 << 20
	hardMaxRecord    = 1 << 30
)

// layout is how records follow each other.
type layout uint8

const (
	unknown layout = iota
	lines          // a record a line
	array          // one array of records
	loose          // one record behind the other
)

// config is what the options say.
type config struct {
	layout       layout
	columns      []types.Field
	typed        map[string]types.Type // by lower-case name
	whole        bool                  // a record is one value and has no columns
	split        bool                  // a record is an object
	objects      bool                  // a record is JSON text
	ignoreErrors bool
	depth        int
	sample       int64 // records; -1 = all, 0 = default
	maxRecord    int64
	comp         fs.Compression
	compSet      bool
	chunk        int // bytes of a chunk; tests change it
}

var readOptions = []string{
	"columns", "types", "format", "records", "ignore_errors", "sample_size", "maximum_depth", "maximum_object_size", "compression",
	"filename", "union_by_name", "hive_partitioning",
}

// ignoredOptions are table properties that a reader need not know.
var ignoredOptions = []string{"external", "transient_lastddltime", "auto_detect", "serialization.format", "ignore.malformed.json", "file"}

func parseOptions(opts storage.Options) (*config, error) {
	c := &config{maxRecord: defaultMaxRecord, chunk: chunkSize, depth: deepest}
	for name, o := range opts {
		if slices.Contains(ignoredOptions, name) {
			continue
		}
		if err := c.option(name, o); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *config) option(name string, o storage.Option) (err error) {
	switch name {
	case "columns":
		c.columns, err = o.Fields()
	case "types":
		var fields []types.Field
		if fields, err = o.Fields(); err == nil {
			c.typed = map[string]types.Type{}
			for _, f := range fields {
				c.typed[strings.ToLower(f.Name)] = f.Type
			}
		}
	case "format":
		l, ok := map[string]layout{"auto": unknown, "newline_delimited": lines, "nd": lines, "ndjson": lines, "array": array, "unstructured": loose, "json": unknown}[strings.ToLower(o.Text)]
		if c.layout = l; !ok {
			return sqlerr.At(sqlerr.Bind, o.Pos, "unknown format %s of JSON", o.Text).WithHint("format is 'auto', 'newline_delimited', 'array' or 'unstructured'")
		}
	case "records":
		if strings.EqualFold(o.Text, "auto") {
			return nil
		}
		c.split, err = o.Bool(name)
		c.whole = !c.split
	case "objects":
		c.objects, err = o.Bool(name)
		c.whole = c.objects
	case "ignore_errors":
		c.ignoreErrors, err = o.Bool(name)
	case "sample_size":
		c.sample, err = o.Int(name, -1, 1<<40)
	case "maximum_depth":
		var n int64
		if n, err = o.Int(name, -1, deepest); n >= 0 {
			c.depth = int(n)
		}
	case "maximum_object_size":
		c.maxRecord, err = o.Int(name, 1, hardMaxRecord)
	case "compression":
		c.comp, c.compSet, err = compression(o)
	default:
		return unknownOption("reading", name, o, readOptions)
	}
	return err
}

func compression(o storage.Option) (c fs.Compression, set bool, err error) {
	if strings.EqualFold(o.Text, "auto") {
		return fs.Plain, false, nil
	}
	c, set = fs.ParseCompression(o.Text)
	if !set {
		err = sqlerr.At(sqlerr.Bind, o.Pos, "unknown compression %s", o.Text).WithHint("known: %s", strings.Join(fs.CompressionNames, ", "))
	}
	return c, set, err
}

func unknownOption(what, name string, o storage.Option, known []string) error {
	e := sqlerr.At(sqlerr.Bind, o.Pos, "unknown option %s for %s JSON", name, what)
	if n := sqlerr.Nearest(name, known); n != "" {
		return e.WithHint("did you mean %s?", n)
	}
	return e.WithHint("known options: %s", strings.Join(known, ", "))
}
