package parquet

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/memory"
)

// Inspect gives what the footers of files say: schema has a row for each element of a file's schema, metadata one for each column of each row
// group, file_metadata one for each file.
func (parquetFormat) Inspect(ctx context.Context, what string, files []fs.File) (storage.Table, error) {
	var r *memory.Rows
	var add func(t *table, r *memory.Rows)
	text, big := types.TVarchar, types.TBigInt
	switch what {
	case "schema":
		add = (*table).addSchema
		r = memory.NewRows("file_name", text, "name", text, "type", text, "type_length", big, "repetition_type", text, "num_children", big, "converted_type", text,
			"scale", big, "precision", big, "field_id", big, "logical_type", text, "skep_type", text)
	case "metadata":
		add = (*table).addChunks
		r = memory.NewRows("file_name", text, "row_group_id", big, "row_group_num_rows", big, "row_group_num_columns", big, "row_group_bytes", big, "column_id", big,
			"num_values", big, "path_in_schema", text, "type", text, "stats_min", text, "stats_max", text, "stats_null_count", big, "stats_distinct_count", big,
			"compression", text, "encodings", text, "dictionary_page_offset", big, "data_page_offset", big, "total_compressed_size", big, "total_uncompressed_size", big,
			"bloom_filter_offset", big, "bloom_filter_length", big)
	case "file_metadata":
		add = (*table).addFile
		r = memory.NewRows("file_name", text, "created_by", text, "num_rows", big, "num_row_groups", big, "format_version", big, "file_size_bytes", big)
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t, err := open(f, false)
		if err != nil {
			return nil, err
		}
		add(t, r)
	}
	return r.Table(), nil
}

func (t *table) addFile(r *memory.Rows) {
	r.Add(t.path, t.meta.createdBy, t.meta.rows, len(t.meta.groups), int(t.meta.version), t.size)
}

// orNull gives NULL unless it is there.
func orNull[T any](there bool, x T) any {
	if !there {
		return nil
	}
	return x
}

func (t *table) addSchema(r *memory.Rows) {
	kinds := map[*schemaElement]types.Type{}
	var walk func(n *node)
	walk = func(n *node) {
		if n == nil {
			return
		}
		kinds[n.el] = n.typ
		for _, k := range n.kids {
			walk(k)
		}
		walk(n.elem)
	}
	for _, k := range t.root.kids {
		walk(k)
	}
	for i := range t.meta.schema {
		e := &t.meta.schema[i]
		k, known := kinds[e]
		decimal := e.converted == convDecimal || e.logical.id == logicalDecimal
		scale, precision := e.scale, e.precision
		if e.logical.id == logicalDecimal {
			scale, precision = e.logical.scale, e.logical.precision
		}
		rep := ""
		if e.rep >= 0 {
			rep = format.FieldRepetitionType(e.rep).String()
		}
		logical := e.logical.text()
		r.Add(t.path, e.name, orNull(e.typ >= 0, format.Type(e.typ).String()), orNull(e.typeLen > 0, int(e.typeLen)), orNull(rep != "", rep),
			orNull(e.typ < 0, int(e.children)), orNull(e.converted >= 0, convertedName(e.converted)), orNull(decimal, int(scale)), orNull(decimal, int(precision)),
			orNull(e.hasID, int(e.fieldID)), orNull(logical != "", logical), orNull(known && k.Kind != types.Null, k.String()))
	}
}

var convertedNames = [...]string{"UTF8", "MAP", "MAP_KEY_VALUE", "LIST", "ENUM", "DECIMAL", "DATE", "TIME_MILLIS", "TIME_MICROS", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS",
	"UINT_8", "UINT_16", "UINT_32", "UINT_64", "INT_8", "INT_16", "INT_32", "INT_64", "JSON", "BSON", "INTERVAL"}

func convertedName(c int32) string {
	if c >= 0 && int(c) < len(convertedNames) {
		return convertedNames[c]
	}
	return strconv.Itoa(int(c))
}

// logicalNames are the logical types by their number in the format.
var logicalNames = map[int]string{
	logicalString: "STRING", logicalMap: "MAP", logicalList: "LIST", logicalEnum: "ENUM", logicalDecimal: "DECIMAL", logicalDate: "DATE", logicalTime: "TIME", logicalStamp: "TIMESTAMP",
	logicalInt: "INT", 11: "UNKNOWN", logicalJSON: "JSON", 13: "BSON", logicalUUID: "UUID", logicalFloat16: "FLOAT16", 16: "VARIANT", 17: "GEOMETRY", 18: "GEOGRAPHY",
}

// text writes a logical type with its parameters; "" is none.
func (l *logicalType) text() string {
	switch l.id {
	case 0:
		return ""
	case logicalDecimal:
		return fmt.Sprintf("DECIMAL(%d, %d)", l.precision, l.scale)
	case logicalTime, logicalStamp:
		unit := map[int]string{1: "MILLIS", 2: "MICROS", 3: "NANOS"}[l.unit]
		if l.utc {
			unit += ", UTC"
		}
		return logicalNames[l.id] + "(" + unit + ")"
	case logicalInt:
		return fmt.Sprintf("INT(%d, %s)", l.bits, map[bool]string{true: "signed", false: "unsigned"}[l.signed])
	}
	if n := logicalNames[l.id]; n != "" {
		return n
	}
	return strconv.Itoa(l.id)
}

func (t *table) addChunks(r *memory.Rows) {
	paths := t.meta.paths()
	for g := range t.meta.groups {
		group := &t.meta.groups[g]
		for i, l := range t.leaves {
			m := &group.chunks[i]
			s := t.rangeOf(l, m, group.rows)
			var enc []string
			for e := range 32 {
				if m.encodings&(1<<e) != 0 {
					enc = append(enc, format.Encoding(e).String())
				}
			}
			r.Add(t.path, g, group.rows, len(group.chunks), group.bytes, i, m.values, paths[i], format.Type(m.typ).String(), orNull(s.ok, l.boundText(s.min)), orNull(s.ok, l.boundText(s.max)),
				orNull(s.nulls >= 0, s.nulls), orNull(m.stats.distinct >= 0, m.stats.distinct), m.codec.String(), strings.Join(enc, ", "), orNull(m.dictOff > 0, m.dictOff), m.dataOff,
				m.compressed, m.uncompressed, orNull(m.bloomOff > 0, m.bloomOff), orNull(m.bloomLen > 0, int(m.bloomLen)))
		}
	}
}

// boundText writes a statistic's value.
func (l *leaf) boundText(x storage.Bound) string {
	b := vec.NewBuilder(l.typ)
	switch l.typ.Phys() {
	case types.PBool:
		vec.AppendValue(b, uint8(x.I))
	case types.PI32:
		vec.AppendValue(b, int32(x.I))
	case types.PI64:
		vec.AppendValue(b, x.I)
	case types.PF64:
		vec.AppendValue(b, x.F)
	case types.PView:
		b.AppendBytes([]byte(x.S))
	default: // UBIGINT
		return strconv.FormatInt(x.I, 10)
	}
	return string(kernel.AppendText(nil, b.Vector(), 0))
}

// paths gives the names of the leaves with those of the groups around them, parted by dots. schemaTree has checked the schema.
func (m *fileMeta) paths() []string {
	var out []string
	at := 0
	var walk func(prefix string)
	walk = func(prefix string) {
		e := &m.schema[at]
		at++
		name := e.name
		if prefix != "" {
			name = prefix + "." + name
		}
		if e.typ >= 0 {
			out = append(out, name)
			return
		}
		for range e.children {
			walk(name)
		}
	}
	for at = 1; at < len(m.schema); {
		walk("")
	}
	return out
}
