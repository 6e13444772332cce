package parquet

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pq "github.com/parquet-go/parquet-go"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// show writes the value of row i in a form that is the same for every vector form.
func show(v *vec.Vector, i int) string {
	if v.IsNull(i) {
		return "NULL"
	}
	f, k := v.At(i)
	switch v.Phys() {
	case types.PBool:
		return fmt.Sprint(vec.Values[uint8](f)[k])
	case types.PI32:
		return fmt.Sprint(vec.Values[int32](f)[k])
	case types.PI64:
		return fmt.Sprint(vec.Values[int64](f)[k])
	case types.PF64:
		return fmt.Sprint(vec.Values[float64](f)[k])
	case types.PI128:
		return fmt.Sprint(vec.Values[vec.Int128](f)[k])
	case types.PInterval:
		return fmt.Sprint(vec.Values[vec.IntervalValue](f)[k])
	case types.PView:
		return fmt.Sprintf("%q", v.Bytes(i))
	case types.PList:
		e := vec.Values[vec.ListEntry](f)[k]
		var s []string
		for j := range e.Len {
			s = append(s, show(f.Kids[0], int(e.Off+j)))
		}
		return "[" + strings.Join(s, ",") + "]"
	}
	var s []string
	for _, kid := range f.Kids {
		s = append(s, show(kid, k))
	}
	return "{" + strings.Join(s, ",") + "}"
}

// fill appends a random value of the builder's type; narrow values repeat much.
func fill(b *vec.Builder, t types.Type, r *rand.Rand, narrow bool) {
	if r.IntN(7) == 0 {
		b.AppendNull()
		return
	}
	n := int64(r.Uint64() >> 1)
	if narrow {
		n = r.Int64N(5)
	}
	sign := int64(1 - 2*r.IntN(2))
	switch t.Kind {
	case types.Boolean:
		vec.AppendValue(b, uint8(n&1))
	case types.TinyInt:
		vec.AppendValue(b, int32(int8(n)))
	case types.SmallInt:
		vec.AppendValue(b, int32(int16(n)))
	case types.UTinyInt:
		vec.AppendValue(b, int32(uint8(n)))
	case types.USmallInt:
		vec.AppendValue(b, int32(uint16(n)))
	case types.Integer, types.Date:
		vec.AppendValue(b, int32(n*sign))
	case types.UInteger:
		vec.AppendValue(b, int64(uint32(n)))
	case types.UBigInt:
		vec.AppendValue(b, vec.Int128{Lo: uint64(n) << 1})
	case types.Time:
		vec.AppendValue(b, n%86_400_000_000)
	case types.Real:
		vec.AppendValue(b, float64(float32(n)/7))
	case types.Double:
		vec.AppendValue(b, float64(n*sign)/7)
	case types.Interval:
		vec.AppendValue(b, vec.IntervalValue{Months: int32(n & 255), Days: int32(n & 63), Micros: n & 0xffff * 1000})
	case types.UUID:
		var raw [36]byte
		uuidText(raw[:], binary16(n))
		b.AppendBytes(raw[:])
	case types.JSON:
		b.AppendBytes([]byte(strings.Repeat("[", int(n%20)) + fmt.Sprint(n) + strings.Repeat("]", int(n%20))))
	case types.Varchar, types.Binary:
		b.AppendBytes([]byte(strings.Repeat(fmt.Sprint(n), int(n%4))))
	case types.Array:
		vec.AppendValue(b, vec.ListEntry{Off: uint32(b.Kid(0).Len())})
		for range n % 4 {
			fill(b.Kid(0), t.Elems[0].Type, r, narrow)
		}
		b.ListLen()
	case types.Map:
		vec.AppendValue(b, vec.ListEntry{Off: uint32(b.Kid(0).Len())})
		for range n % 4 {
			kv := b.Kid(0)
			kv.Kid(0).AppendBytes([]byte(fmt.Sprint("key", n)))
			fill(kv.Kid(1), t.Elems[1].Type, r, narrow)
			kv.EndStruct()
		}
		b.ListLen()
	case types.Struct:
		for i, f := range t.Elems {
			fill(b.Kid(i), f.Type, r, narrow)
		}
		b.EndStruct()
	default:
		switch t.Phys() {
		case types.PI128:
			vec.AppendValue(b, vec.Int128{Lo: uint64(n), Hi: -(n & 1)})
		default:
			vec.AppendValue(b, n%1e15*sign)
		}
	}
}

func binary16(n int64) []byte {
	b := le.AppendUint64(nil, uint64(n))
	return le.AppendUint64(b, ^uint64(n))
}

func allTypes() []types.Type {
	list := []types.Type{types.NewDecimal(9, 2), types.NewDecimal(18, 0), types.NewDecimal(38, 10)}
	for k := types.Boolean; k <= types.JSON; k++ {
		if k == types.Enum || k == types.Bit || k == types.TimeTZ { // come back as text
			continue
		}
		if k != types.Decimal {
			list = append(list, types.Type{Kind: k})
		}
	}
	person := types.NewStruct(types.Field{Name: "name", Type: types.TVarchar}, types.Field{Name: "ids", Type: types.NewArray(types.TInteger)})
	return append(list, types.NewArray(types.TVarchar), types.NewArray(types.NewArray(types.TBigInt)), person, types.NewArray(person),
		types.NewMap(types.TVarchar, types.TDouble), types.NewMap(types.TVarchar, types.NewArray(person)),
		types.NewStruct(types.Field{Name: "inner", Type: person}, types.Field{Name: "d", Type: types.NewDecimal(20, 3)}))
}

// sample builds n rows of every type.
func sample(n int, narrow bool, seed uint64) (cols []types.Field, batch *vec.Batch) {
	r := rand.New(rand.NewPCG(seed, 1))
	batch = &vec.Batch{N: n}
	for i, t := range allTypes() {
		cols = append(cols, types.Field{Name: fmt.Sprintf("c%d", i), Type: t})
		b := vec.NewBuilder(t)
		for range n {
			fill(b, t, r, narrow)
		}
		batch.Cols = append(batch.Cols, b.Vector())
	}
	return cols, batch
}

func writeFile(t testing.TB, cols []types.Field, opts storage.Options, batches ...*vec.Batch) string {
	path := filepath.Join(t.TempDir(), "t.parquet")
	var buf bytes.Buffer
	w, err := New().Create(&buf, nil, cols, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func expect(t *testing.T, path string, batch *vec.Batch, s func(storage.Table) *storage.Scan) {
	t.Helper()
	tab, err := New().Open(t.Context(), nil, fs.File{Path: path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	scan := allColumns(tab)
	if s != nil {
		scan = s(tab)
	}
	row := 0
	rows, err := drain(tab, scan, func(b *vec.Batch) {
		for i := range b.N {
			for k, v := range b.Cols {
				if got, want := show(v, i), show(batch.Cols[scan.Columns[k]], row); got != want {
					t.Fatalf("column %d (%s), row %d: %s, want %s", scan.Columns[k], v.Type, row, got, want)
				}
			}
			row++
		}
	})
	if err != nil || rows != int64(batch.N) {
		t.Fatalf("%d rows of %d: %v", rows, batch.N, err)
	}
}

func opt(kv ...string) storage.Options {
	o := storage.Options{}
	for i := 0; i < len(kv); i += 2 {
		o[kv[i]] = storage.Option{Text: kv[i+1], Pos: -1}
	}
	return o
}

func TestRoundTrip(t *testing.T) {
	for _, narrow := range []bool{true, false} {
		cols, batch := sample(3001, narrow, 7)
		for _, codec := range []string{"none", "snappy", "zstd", "gzip", "lz4", "brotli"} {
			path := writeFile(t, cols, opt("compression", codec, "row_group_size", "1000"), batch)
			for _, size := range []int{0, 1, 17} {
				if size > 0 && codec != "snappy" {
					continue
				}
				expect(t, path, batch, func(tab storage.Table) *storage.Scan {
					s := allColumns(tab)
					s.BatchSize = size
					return s
				})
			}
		}
	}
}

func TestSchemaReadsBack(t *testing.T) {
	cols, batch := sample(10, true, 3)
	cols[3].NotNull = true
	batch.Cols[3].Valid = nil
	tab, err := openFile(t, writeFile(t, cols, nil, batch))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range tab.Schema() {
		if !c.Type.Equal(cols[i].Type) || c.Name != cols[i].Name || c.NotNull != cols[i].NotNull {
			t.Errorf("%s %s, want %s %s", c.Name, c.Type, cols[i].Name, cols[i].Type)
		}
	}
}

// TestOtherReader lets parquet-go read what the writer wrote.
func TestOtherReader(t *testing.T) {
	cols, batch := sample(2500, true, 11)
	path := writeFile(t, cols, opt("row_group_size", "1100"), batch)
	h, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	info, _ := h.Stat()
	f, err := pq.OpenFile(h, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	compareFlat(t, path, f)
}

// compareFlat compares all columns without nesting with what parquet-go reads.
func compareFlat(t *testing.T, path string, f *pq.File) {
	tab, err := openFile(t, path)
	if err != nil {
		t.Fatal(err)
	}
	for c, n := range tab.root.kids {
		if n.shape != shapeLeaf {
			continue
		}
		var want []pq.Value
		for _, g := range f.RowGroups() {
			pages := g.ColumnChunks()[n.leaf.index].Pages()
			for {
				p, err := pages.ReadPage()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Skipf("%s: the other reader fails: %v", n.el.name, err)
				}
				vals := make([]pq.Value, p.NumValues())
				k, _ := p.Values().ReadValues(vals)
				for _, v := range vals[:k] {
					want = append(want, v.Clone())
				}
			}
			pages.Close()
		}
		row := 0
		_, err := drain(tab, &storage.Scan{Columns: []int{c}}, func(b *vec.Batch) {
			for i := range b.N {
				if got, want := show(b.Cols[0], i), showOther(n.leaf, want[row]); got != want {
					t.Fatalf("%s, column %s, row %d: %s, want %s", path, n.el.name, row, got, want)
				}
				row++
			}
		})
		if err != nil || row != len(want) {
			t.Fatalf("%s, column %s: %d rows of %d: %v", path, n.el.name, row, len(want), err)
		}
	}
}

func showOther(l *leaf, v pq.Value) string {
	if v.IsNull() {
		return "NULL"
	}
	w := vec.New(l.typ, 1)
	var raw []byte
	switch v.Kind() {
	case pq.Boolean:
		raw = []byte{0}
		if v.Boolean() {
			raw[0] = 1
		}
	case pq.Int32:
		raw = le.AppendUint32(nil, uint32(v.Int32()))
	case pq.Int64:
		raw = le.AppendUint64(nil, uint64(v.Int64()))
	case pq.Int96:
		x := v.Int96()
		raw = le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, x[0]), x[1]), x[2])
	case pq.Float:
		raw = le.AppendUint32(nil, math.Float32bits(v.Float()))
	case pq.Double:
		raw = le.AppendUint64(nil, math.Float64bits(v.Double()))
	case pq.ByteArray:
		raw = append(le.AppendUint32(nil, uint32(len(v.ByteArray()))), v.ByteArray()...)
		w.Bufs = [][]byte{raw}
		if _, err := l.variable(w, 0, raw, 1, 0, 0); err != nil {
			return err.Error()
		}
		return show(w, 0)
	default:
		raw = v.ByteArray()
		w.Bufs = [][]byte{raw}
	}
	l.fixed(w, 0, raw, 1, 0, 0)
	return show(w, 0)
}

func TestSuiteAgainstOtherReader(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(suite(t, "data"), "*.parquet"))
	compared := 0
	for _, path := range files {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "large_") || name == "lz4_raw_compressed_larger.parquet" { // parquet-go reads it wrongly
			continue
		}
		tab, err := openFile(t, path)
		if err != nil {
			continue
		}
		if _, err := drain(tab, allColumns(tab), nil); err != nil {
			continue
		}
		h, _ := os.Open(path)
		info, _ := h.Stat()
		if f, err := pq.OpenFile(h, info.Size()); err == nil {
			compareSafely(t, path, f)
			compared++
		}
		h.Close()
	}
	t.Logf("%d files compared", compared)
}

func compareSafely(t *testing.T, path string, f *pq.File) {
	t.Run(filepath.Base(path), func(t *testing.T) {
		defer func() {
			if x := recover(); x != nil {
				t.Skipf("the other reader panics: %v", x)
			}
		}()
		compareFlat(t, path, f)
	})
}
