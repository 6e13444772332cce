package parquet

import (
	"io"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

const (
	defaultGroupRows = 122_880
	maxGroupRows     = 1 << 24
	// maxGroupBytes ends a row group early.
	maxGroupBytes = 256 << 20
	// pageRows is the rows of a data page: enough to compress well, few enough to skip.
	pageRows = 20_480
	// pageSize ends a page of long strings early.
	pageSize = 1 << 20
)

var writeOptions = []string{"compression", "codec", "row_group_size"}

// writer collects rows until a row group is full, and encodes it column by column.
type writer struct {
	w      io.Writer
	off    int64
	cols   []*wnode
	schema wschema
	build  []*vec.Builder
	group  int // rows of a row group
	rows   int64
	meta   format.FileMetaData
	index  []chunkIndex
	enc    chunkEncoder
	res    *mem.Reservation
	note   func(string)
	plain  *kernel.Plainer
	err    error
}

// chunkIndex is a chunk's page index, written before the footer.
type chunkIndex struct {
	group, col int
	column     format.ColumnIndex
	offset     format.OffsetIndex
	ordered    bool // every page has a range or only NULLs
}

func (parquetFormat) Create(out io.Writer, env *storage.Env, cols []types.Field, opts storage.Options) (storage.Writer, error) {
	w := &writer{w: out, group: defaultGroupRows}
	w.enc.comp.codec = format.Snappy
	for name, o := range opts {
		if err := w.option(name, o); err != nil {
			return nil, err
		}
	}
	if len(cols) == 0 {
		return nil, sqlerr.New(sqlerr.Unsupported, "a Parquet file needs a column")
	}
	w.schema.elements = []format.SchemaElement{{Name: "schema", NumChildren: thrift.New(int32(len(cols)))}}
	var ts []types.Type
	for _, c := range cols {
		ts = append(ts, c.Type)
		c.Type = c.Type.Plain()
		n, err := w.schema.node(c, !c.NotNull, nil, 0, 0)
		if err != nil {
			return nil, err
		}
		w.cols = append(w.cols, n)
		w.build = append(w.build, vec.NewBuilder(c.Type))
	}
	w.plain = kernel.NewPlainer(ts)
	if env != nil && env.Mem != nil {
		w.res = env.Mem.Reserve()
	}
	w.note = env.Notef
	w.enc.w = w
	w.put([]byte(magic))
	return w, w.err
}

func (w *writer) option(name string, o storage.Option) error {
	switch name {
	case "compression", "codec":
		c, ok := codecOf(strings.ToLower(o.Text))
		if !ok {
			return sqlerr.At(sqlerr.Bind, o.Pos, "unknown compression %s", o.Text).
				WithHint("known: snappy, zstd, gzip, lz4, brotli, none")
		}
		w.enc.comp.codec = c
	case "row_group_size":
		n, err := strconv.Atoi(o.Text)
		if err != nil || n < 1 || n > maxGroupRows {
			return sqlerr.At(sqlerr.Bind, o.Pos, "row_group_size is a number from 1 to %d, not %s", maxGroupRows, o.Text)
		}
		w.group = n
	default:
		return unknownOption("writing", name, o, writeOptions)
	}
	return nil
}

// put writes to the file and remembers the first error.
func (w *writer) put(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.w.Write(b)
	w.off += int64(n)
	if err != nil {
		w.err = writeError(err)
	}
}

func (w *writer) Write(b *vec.Batch) error {
	if len(b.Cols) != len(w.cols) {
		return sqlerr.New(sqlerr.Internal, "%d columns for a file of %d", len(b.Cols), len(w.cols))
	}
	b, err := w.plain.Batch(b)
	if err != nil {
		return err
	}
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for len(sel) > 0 && w.err == nil {
		n := min(len(sel), w.group-w.build[0].Len())
		for i, v := range b.Cols {
			w.build[i].Append(v, sel[:n])
		}
		sel = sel[n:]
		size := 0
		for _, x := range w.build {
			size += x.Size()
		}
		if err := w.res.Resize(int64(size)); err != nil && w.build[0].Len() < 1024 {
			return err
		} else if err != nil || w.build[0].Len() >= w.group || size > maxGroupBytes {
			w.flush()
		}
	}
	return w.err
}

// flush writes the rows collected as a row group.
func (w *writer) flush() {
	n := w.build[0].Len()
	if n == 0 || w.err != nil {
		return
	}
	g := format.RowGroup{NumRows: int64(n), FileOffset: w.off, Ordinal: int16(len(w.meta.RowGroups))}
	w.enc.group = &g
	for i, c := range w.cols {
		v := w.build[i].Vector()
		var err error
		if c.leaf != nil {
			err = w.enc.flat(c, v)
		} else {
			err = w.enc.nested(c, v, levels{make([]int32, n), make([]int32, n), append([]int32(nil), vec.Identity(n)...)})
		}
		if err != nil && w.err == nil {
			w.err = err
		}
		w.build[i].Reset()
	}
	w.meta.RowGroups = append(w.meta.RowGroups, g)
	w.rows += int64(n)
}

// Close writes what is left, the page indexes and the footer.
func (w *writer) Close() error {
	defer w.res.Free()
	w.flush()
	if w.enc.lost > 0 {
		w.note(plural(w.enc.lost, "interval") + " cut to milliseconds, as Parquet has them")
	}
	for i := range w.index {
		x := &w.index[i]
		if !x.ordered {
			continue
		}
		c := &w.meta.RowGroups[x.group].Columns[x.col]
		c.ColumnIndexOffset = w.off
		c.ColumnIndexLength = int32(w.thrift(&x.column))
	}
	for i := range w.index {
		x := &w.index[i]
		c := &w.meta.RowGroups[x.group].Columns[x.col]
		c.OffsetIndexOffset = w.off
		c.OffsetIndexLength = int32(w.thrift(&x.offset))
	}
	w.meta.Version, w.meta.Schema, w.meta.NumRows, w.meta.CreatedBy = 2, w.schema.elements, w.rows, "skep"
	if w.meta.RowGroups == nil {
		w.meta.RowGroups = []format.RowGroup{}
	}
	for range w.schema.leaves {
		w.meta.ColumnOrders = append(w.meta.ColumnOrders, format.ColumnOrder{Value: &format.TypeDefinedOrder{}})
	}
	n := w.thrift(&w.meta)
	w.put(append(le.AppendUint32(nil, uint32(n)), magic...))
	return w.err
}

// thrift writes a structure and tells its length.
func (w *writer) thrift(x any) int {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), x)
	if err != nil && w.err == nil {
		w.err = sqlerr.Wrap(sqlerr.Internal, err, "cannot encode Parquet metadata")
	}
	w.put(b)
	return len(b)
}

// levels are the entries of a nested column: repetition and definition level, and the row of the vector at hand, or -1 where
// something above is NULL or empty.
type levels struct{ rep, def, idx []int32 }

func (l levels) clone() levels {
	return levels{append([]int32(nil), l.rep...), append([]int32(nil), l.def...), append([]int32(nil), l.idx...)}
}

// nested turns the rows of v into levels, one step of the schema at a time, and writes the leaves. It changes l.
func (e *chunkEncoder) nested(n *wnode, v *vec.Vector, l levels) error {
	for k, i := range l.idx {
		switch {
		case i < 0:
		case v.IsNull(int(i)):
			if !n.optional {
				return notNull(n)
			}
			l.idx[k] = -1
		case n.optional:
			l.def[k]++
		}
	}
	switch {
	case n.leaf != nil:
		return e.nestedLeaf(n, v, l)
	case n.typ.Kind == types.Struct:
		for i, k := range n.kids {
			if err := e.nested(k, v.Kids[i], l.clone()); err != nil {
				return err
			}
		}
		return nil
	}
	var out levels
	entries := vec.Values[vec.ListEntry](v)
	for k, i := range l.idx {
		if i < 0 || entries[i].Len == 0 {
			out.rep, out.def, out.idx = append(out.rep, l.rep[k]), append(out.def, l.def[k]), append(out.idx, -1)
			continue
		}
		rep := l.rep[k]
		for j := range entries[i].Len {
			out.rep, out.def = append(out.rep, rep), append(out.def, l.def[k]+1)
			out.idx = append(out.idx, int32(entries[i].Off+j))
			rep = n.rep + 1
		}
	}
	return e.nested(n.kids[0], v.Kids[0], out)
}

func notNull(n *wnode) error {
	return sqlerr.New(sqlerr.Data, "NULL in %s, which is NOT NULL", n.name)
}

func (e *chunkEncoder) nestedLeaf(n *wnode, v *vec.Vector, l levels) error {
	e.idx = e.idx[:0]
	for _, i := range l.idx {
		if i >= 0 {
			e.idx = append(e.idx, i)
		}
	}
	vec.Gather(&e.dense, v, e.idx)
	return e.chunk(n.leaf, &e.dense, l.rep, l.def, len(l.rep))
}

// flat writes a column without nesting.
func (e *chunkEncoder) flat(n *wnode, v *vec.Vector) error {
	if v.Valid == nil {
		return e.chunk(n.leaf, v, nil, nil, v.Len)
	}
	e.idx, e.def = e.idx[:0], e.def[:0]
	for i := range v.Len {
		if v.Valid.Get(i) {
			e.idx = append(e.idx, int32(i))
			e.def = append(e.def, 1)
		} else {
			e.def = append(e.def, 0)
		}
	}
	if !n.optional && len(e.idx) < v.Len {
		return notNull(n)
	}
	if n.typ.Kind == types.Null {
		e.dense.Reset(n.typ, 0)
	} else {
		vec.Gather(&e.dense, v, e.idx)
		e.dense.Valid = nil
	}
	return e.chunk(n.leaf, &e.dense, nil, e.def, v.Len)
}
