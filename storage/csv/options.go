package csv

import (
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

const (
	// chunkSize is the bytes of a chunk: with its bit words and field places it stays in a core's cache.
	chunkSize = 256 << 10
	// defaultMaxLine is the longest line that is read unless the option says otherwise.
	defaultMaxLine = 64 << 20
	// hardMaxLine bounds what the option may say: places within a chunk take 32 bits.
	hardMaxLine = 1 << 31
)

// config is what the options say.
type config struct {
	dialect
	delimSet, quoteSet, escapeSet, headerSet bool

	header       bool
	columns      []types.Field
	typed        map[string]types.Type // by lower-case name
	typeList     []types.Type
	names        []string
	nulls        [][]byte
	skip         int
	skipSet      bool
	allVarchar   bool
	ignoreErrors bool
	nullPadding  bool
	quotedNulls  bool
	noDetect     bool
	sample       int64 // rows; -1 = all, 0 = default
	comp         fs.Compression
	compSet      bool
	maxLine      int64
	decimal      byte // between whole and fraction, if it is not the point
	dateFormat   string
	stampFormat  string
	encoding     string
	chunk        int // bytes of a chunk; tests change it
}

// readOptions are the names of the options to read, the common name of each first.
var readOptions = []string{
	"delim", "delimiter", "sep", "quote", "escape", "header", "columns", "types", "dtypes", "column_types", "names", "column_names", "nullstr", "null",
	"skip", "comment", "all_varchar", "ignore_errors", "sample_size", "compression", "dateformat", "timestampformat",
	"auto_detect", "max_line_size", "maximum_line_size", "encoding", "allow_quoted_nulls", "null_padding", "decimal_separator",
}

// hiveOptions are table properties of Hive that say the same.
var hiveOptions = map[string]string{
	"field.delim": "delim", "separatorchar": "delim", "quotechar": "quote", "escape.delim": "escape", "escapechar": "escape",
	"serialization.null.format": "null", "skip.header.line.count": "skip", "serialization.format": "delim",
}

// ignoredOptions are table properties that a reader need not know.
var ignoredOptions = []string{"line.delim", "collection.delim", "colelction.delim", "mapkey.delim", "external", "transient_lastddltime", "comment.text", "parallel", "buffer_size", "new_line", "strict_mode", "rejects_limit", "store_rejects", "normalize_names", "file", "format"}

func parseOptions(text bool, opts storage.Options) (*config, error) {
	c := &config{maxLine: defaultMaxLine, chunk: chunkSize}
	c.newline, c.text = '\n', text
	if text {
		c.delim, c.delimSet, c.quoteSet, c.headerSet, c.nullPadding, c.escapeSet = 1, true, true, true, true, true
	} else {
		c.delim, c.quote, c.escape = ',', '"', '"'
	}
	for name, o := range opts {
		if h := hiveOptions[name]; h != "" {
			if name == "skip.header.line.count" {
				c.headerSet = true
			}
			name = h
		}
		if slices.Contains(ignoredOptions, name) {
			continue
		}
		if err := c.option(name, o); err != nil {
			return nil, err
		}
	}
	if c.noDetect {
		c.delimSet, c.quoteSet, c.escapeSet = true, true, true
	}
	if c.quoteSet && !c.escapeSet {
		c.escape = c.quote
	}
	if c.delim == c.quote || c.delim == '\n' || c.delim == '\r' {
		return nil, sqlerr.New(sqlerr.Bind, "the delimiter cannot be the quote or a line end")
	}
	return c, nil
}

func (c *config) option(name string, o storage.Option) (err error) {
	switch name {
	case "delim", "delimiter", "sep":
		c.delim, err = charOption(name, o)
		c.delimSet = true
		if err == nil && c.delim == 0 {
			return sqlerr.At(sqlerr.Bind, o.Pos, "the delimiter is one character, not none")
		}
	case "quote":
		c.quote, err = charOption(name, o)
		c.quoteSet = true
	case "escape":
		c.escape, err = charOption(name, o)
		c.escapeSet = true
	case "comment":
		c.comment, err = charOption(name, o)
	case "header":
		if strings.EqualFold(o.Text, "auto") {
			return nil
		}
		c.header, err = o.Bool(name)
		c.headerSet = true
	case "all_varchar":
		c.allVarchar, err = o.Bool(name)
	case "ignore_errors":
		c.ignoreErrors, err = o.Bool(name)
	case "null_padding":
		c.nullPadding, err = o.Bool(name)
	case "allow_quoted_nulls":
		c.quotedNulls, err = o.Bool(name)
	case "decimal_separator", "decimal":
		if c.decimal, err = charOption(name, o); err == nil && c.decimal != ',' && c.decimal != '.' {
			return sqlerr.At(sqlerr.Bind, o.Pos, "option %s is '.' or ',', not '%s'", name, o.Text)
		}
		if c.decimal == '.' {
			c.decimal = 0
		}
	case "auto_detect":
		var on bool
		on, err = o.Bool(name)
		c.noDetect = !on
	default:
		return c.longOption(name, o)
	}
	return err
}

func (c *config) longOption(name string, o storage.Option) (err error) {
	switch name {
	case "columns":
		if c.columns, err = o.Fields(); err == nil {
			for i, f := range c.columns {
				if f.Type.IsNested() {
					return noNested(o.List[i])
				}
			}
		}
	case "types", "dtypes", "column_types":
		err = c.typesOption(o)
	case "names", "column_names":
		for _, x := range o.List {
			c.names = append(c.names, x.Text)
		}
		if len(c.names) == 0 {
			return sqlerr.At(sqlerr.Bind, o.Pos, "names is a list: names => ['a', 'b']")
		}
	case "nullstr", "null":
		for _, x := range o.List {
			c.nulls = append(c.nulls, []byte(x.Text))
		}
		if len(o.List) == 0 {
			c.nulls = append(c.nulls, []byte(o.Text))
		}
	case "skip":
		var n int64
		n, err = o.Int(name, 0, 1<<31)
		c.skip, c.skipSet = int(n), true
	case "sample_size":
		c.sample, err = o.Int(name, -1, 1<<40)
	case "max_line_size", "maximum_line_size":
		c.maxLine, err = o.Int(name, 1, hardMaxLine)
	case "compression":
		if strings.EqualFold(o.Text, "auto") {
			return nil
		}
		var ok bool
		if c.comp, ok = fs.ParseCompression(o.Text); !ok {
			return sqlerr.At(sqlerr.Bind, o.Pos, "unknown compression %s", o.Text).WithHint("known: %s", strings.Join(fs.CompressionNames, ", "))
		}
		c.compSet = true
	case "dateformat", "date_format":
		c.dateFormat, err = patternOption(name, o)
	case "timestampformat", "timestamp_format":
		c.stampFormat, err = patternOption(name, o)
	case "encoding":
		c.encoding, err = encodingOption(o)
	default:
		return unknownOption("reading", name, o, append(readOptions, "filename", "union_by_name", "hive_partitioning"))
	}
	return err
}

func unknownOption(what, name string, o storage.Option, known []string) error {
	e := sqlerr.At(sqlerr.Bind, o.Pos, "unknown option %s for %s CSV", name, what)
	if n := sqlerr.Nearest(name, known); n != "" {
		return e.WithHint("did you mean %s?", n)
	}
	return e.WithHint("known options: %s", strings.Join(known, ", "))
}

func encodingOption(o storage.Option) (string, error) {
	switch e := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(o.Text)); e {
	case "utf8", "":
		return "", nil
	case "latin1", "iso88591":
		return "latin1", nil
	case "utf16", "utf16le", "utf16be":
		return e, nil
	}
	return "", sqlerr.At(sqlerr.Bind, o.Pos, "unknown encoding %s", o.Text).WithHint("known: utf-8, latin-1, utf-16")
}

// charOption reads one character; the empty text and "none" are 0. Escapes as \t, \001 and \x1f are understood.
func charOption(name string, o storage.Option) (byte, error) {
	s := o.Text
	switch strings.ToLower(s) {
	case "", "none":
		return 0, nil
	case "tab", `\t`:
		return '\t', nil
	}
	if len(s) > 1 {
		if n, err := strconv.Atoi(s); err == nil && n > 9 && n < 128 { // Hive writes the number of a character
			return byte(n), nil
		}
		if u, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`); err == nil {
			s = u
		}
		if len(s) == 4 && strings.HasPrefix(s, "\\") {
			if n, err := strconv.ParseUint(s[1:], 8, 7); err == nil {
				return byte(n), nil
			}
		}
	}
	if len(s) != 1 || s[0] >= 0x80 {
		return 0, sqlerr.At(sqlerr.Unsupported, o.Pos, "option %s is one ASCII character, not '%s'", name, o.Text)
	}
	return s[0], nil
}

func noNested(o storage.Option) error {
	return sqlerr.At(sqlerr.Unsupported, o.Pos, "type %s cannot be read from CSV: a field has one value", o.Text).WithHint("'VARCHAR' reads the text, 'JSON' what is JSON")
}

func (c *config) typesOption(o storage.Option) error {
	if len(o.List) == 0 {
		return sqlerr.At(sqlerr.Bind, o.Pos, "types gives columns a type: types => {'a': 'INTEGER'}")
	}
	c.typed = map[string]types.Type{}
	for i, x := range o.List {
		t, err := x.Type()
		if err != nil {
			return err
		}
		if t.IsNested() {
			return noNested(x)
		}
		if o.Keys != nil {
			c.typed[strings.ToLower(o.Keys[i])] = t
		} else {
			c.typeList = append(c.typeList, t)
		}
	}
	return nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
