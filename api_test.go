package skep_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

func openDB(t *testing.T, path string, opts ...skep.Option) *skep.DB {
	t.Helper()
	db, err := skep.Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// rowsOf reads a result as Arrow shows it, one string a row.
func rowsOf(t *testing.T, r array.RecordReader, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var out []string
	for r.Next() {
		rec := r.RecordBatch()
		for i := range int(rec.NumRows()) {
			var cells []string
			for _, c := range rec.Columns() {
				cells = append(cells, c.ValueStr(i))
			}
			out = append(out, strings.Join(cells, "|"))
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return out
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestQueryTypes(t *testing.T) {
	db := openDB(t, "")
	for _, c := range []struct{ sql, arrow, value string }{
		{"true", "bool", "true"},
		{"CAST(1 AS TINYINT)", "int8", "1"},
		{"CAST(-2 AS SMALLINT)", "int16", "-2"},
		{"3", "int32", "3"},
		{"CAST(4 AS BIGINT)", "int64", "4"},
		{"1.50", "decimal(3, 2)", "1.5"},
		{"-12345678901234567890.25", "decimal(22, 2)", "-12345678901234567890.25"},
		{"CAST(1.5 AS REAL)", "float32", "1.5"},
		{"2.5e0", "float64", "2.5"},
		{"'ä longer text than twelve'", "utf8", "ä longer text than twelve"},
		{"DATE '2024-02-29'", "date32", "2024-02-29"},
		{"TIMESTAMP '2024-02-29 12:30:00.5'", "timestamp[us]", "2024-02-29T12:30:00.5"},
		{"CAST('2024-02-29 12:30:00+02' AS TIMESTAMPTZ)", "timestamp[us, tz=UTC]", "2024-02-29T10:30:00Z"},
		{"INTERVAL '1 month 2 days 3 seconds'", "month_day_nano_interval", `{"months":1,"days":2,"nanoseconds":3000000000}`},
		{"[1, NULL, 3]", "list<item: int32, nullable>", "[1,null,3]"},
		{"[['a'], [], NULL]", "list<item: list<item: utf8, nullable>, nullable>", `[["a"],[],null]`},
	} {
		r, err := db.Query(t.Context(), "SELECT "+c.sql+" AS x UNION ALL SELECT NULL")
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := r.Schema().Field(0).Type.String(); got != c.arrow {
			t.Errorf("%s: %s, want %s", c.sql, got, c.arrow)
		}
		check(t, rowsOf(t, r, nil), c.value, array.NullValueStr)
	}
}

func TestBatchesMayBeKept(t *testing.T) {
	db := openDB(t, "", skep.WithWorkers(3))
	r, err := db.Query(t.Context(), "SELECT range AS a, 'a text of some length ' || range AS s, range % 2 = 0 AS b FROM range(100000)")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var kept []arrow.RecordBatch
	for r.Next() {
		r.RecordBatch().Retain()
		kept = append(kept, r.RecordBatch())
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	n := int64(0)
	for _, rec := range kept {
		a, s, b := rec.Column(0).(*array.Int64), rec.Column(1).(*array.String), rec.Column(2).(*array.Boolean)
		for i := range a.Len() {
			if a.Value(i) != n || s.Value(i) != fmt.Sprint("a text of some length ", n) || b.Value(i) != (n%2 == 0) {
				t.Fatalf("row %d: %d %q %v", n, a.Value(i), s.Value(i), b.Value(i))
			}
			n++
		}
		rec.Release()
	}
	if n != 100000 {
		t.Errorf("%d rows", n)
	}
}

func TestParameters(t *testing.T) {
	db := openDB(t, "")
	s := db.Session()
	defer s.Close()
	text := "x"
	var none *string
	day := time.Date(2024, 2, 29, 12, 0, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		sql  string
		args []any
		want string
	}{
		{"SELECT ? + ?, $1", []any{1, int8(2)}, "3|1"},
		{"SELECT $2, $1", []any{"a", "b"}, "b|a"},
		{"SELECT :A || :b", []any{skep.Named("a", "x"), skep.Named("B", "y")}, "xy"},
		{"SELECT ?, ?, ?, ?", []any{true, nil, &text, none}, "true|(null)|x|(null)"},
		{"SELECT ?, ?", []any{1.5, uint64(1 << 63)}, "1.5|9223372036854775808"},
		{"SELECT ?", []any{day}, "2024-02-29T11:00:00Z"},
		{"SELECT ? + 1, ?", []any{skep.Typed{Type: "DATE", Text: "2024-02-28"}, skep.Typed{Type: "DECIMAL(5,2)", Text: "1.25"}}, "2024-02-29|1.25"},
		{"SELECT count(*) FROM range(10) WHERE range < :n", []any{skep.Named("n", 4)}, "4"},
	} {
		r, err := s.Query(t.Context(), c.sql, c.args...)
		check(t, rowsOf(t, r, err), c.want)
	}
	for _, args := range [][]any{nil, {make(chan int)}, {skep.Typed{Type: "DATE", Text: "x"}}, {skep.Typed{Type: "NOPE", Text: "x"}}} {
		if _, err := s.Query(t.Context(), "SELECT ?", args...); sqlerr.ClassOf(err) != sqlerr.Bind {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestPrepare(t *testing.T) {
	s := openDB(t, "").Session()
	defer s.Close()
	for _, sql := range []string{"PREPARE q (DATE, INT) AS SELECT $1 + $2 AS d", "PREPARE r AS SELECT :a || '!'", "PREPARE r2 AS SELECT 1"} {
		if _, err := s.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.Query(t.Context(), "EXECUTE q('2024-02-28', '1')")
	check(t, rowsOf(t, r, err), "2024-02-29")
	r, err = s.Query(t.Context(), "EXECUTE r(a => 'x')")
	check(t, rowsOf(t, r, err), "x!")
	for _, sql := range []string{"EXECUTE q(1)", "EXECUTE q('x', 1)", "EXECUTE nope", "DEALLOCATE nope", "PREPARE p AS EXECUTE q", "EXECUTE r('x')"} {
		if _, err := s.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
	if _, err := s.Exec(t.Context(), "DEALLOCATE r"); err != nil {
		t.Error(err)
	}
	if _, err := s.Exec(t.Context(), "EXECUTE r(a => 'x')"); sqlerr.ClassOf(err) != sqlerr.NotFound {
		t.Error(err)
	}
	if _, err := s.Exec(t.Context(), "DEALLOCATE ALL"); err != nil {
		t.Error(err)
	}
	if _, err := s.Exec(t.Context(), "EXECUTE r2"); sqlerr.ClassOf(err) != sqlerr.NotFound {
		t.Error(err)
	}
}

func TestExec(t *testing.T) {
	db := openDB(t, "")
	for i, c := range []struct {
		sql string
		n   int64
	}{{"CREATE TABLE t (a INT)", 0}, {"INSERT INTO t VALUES (1), (2), (3)", 3}, {"SELECT * FROM t", 0}} {
		if n, err := db.Exec(t.Context(), c.sql); err != nil || n != c.n {
			t.Errorf("%d: %d %v", i, n, err)
		}
	}
	r, err := db.Query(t.Context(), "DROP TABLE t")
	check(t, rowsOf(t, r, err))
	if _, err := db.Exec(t.Context(), "SELECT 1; SELECT 2"); sqlerr.ClassOf(err) != sqlerr.Syntax {
		t.Error(err)
	}
}

// record makes a batch of many Arrow types; the second of its three rows is NULL everywhere.
func record() (*arrow.Schema, arrow.RecordBatch) {
	fields := []arrow.Field{
		{Name: "b", Type: arrow.FixedWidthTypes.Boolean}, {Name: "i8", Type: arrow.PrimitiveTypes.Int8},
		{Name: "u64", Type: arrow.PrimitiveTypes.Uint64}, {Name: "f32", Type: arrow.PrimitiveTypes.Float32},
		{Name: "s", Type: arrow.BinaryTypes.String}, {Name: "ls", Type: arrow.BinaryTypes.LargeString},
		{Name: "bin", Type: arrow.BinaryTypes.Binary}, {Name: "d", Type: &arrow.Decimal128Type{Precision: 10, Scale: 2}},
		{Name: "dd", Type: &arrow.Decimal128Type{Precision: 30, Scale: 2}}, {Name: "day", Type: arrow.FixedWidthTypes.Date32},
		{Name: "ns", Type: &arrow.TimestampType{Unit: arrow.Nanosecond}}, {Name: "tz", Type: arrow.FixedWidthTypes.Timestamp_s},
		{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int32)},
		{Name: "st", Type: arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, arrow.Field{Name: "y", Type: arrow.BinaryTypes.String, Nullable: true})},
		{Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int32)},
		{Name: "dict", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}},
	}
	for i := range fields {
		fields[i].Nullable = true
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for row := range 3 {
		if row == 1 {
			for _, f := range b.Fields() {
				f.AppendNull()
			}
			continue
		}
		b.Field(0).(*array.BooleanBuilder).Append(row == 0)
		b.Field(1).(*array.Int8Builder).Append(int8(-row))
		b.Field(2).(*array.Uint64Builder).Append(1<<63 + uint64(row))
		b.Field(3).(*array.Float32Builder).Append(0.5)
		b.Field(4).(*array.StringBuilder).Append(strings.Repeat("ä", 10*row))
		b.Field(5).(*array.LargeStringBuilder).Append("large")
		b.Field(6).(*array.BinaryBuilder).Append([]byte{0, 255})
		b.Field(7).(*array.Decimal128Builder).Append(decimal128.FromI64(-125))
		b.Field(8).(*array.Decimal128Builder).Append(decimal128.New(1, 5))
		b.Field(9).(*array.Date32Builder).Append(19782)
		b.Field(10).(*array.TimestampBuilder).Append(-1)
		b.Field(11).(*array.TimestampBuilder).Append(1)
		l := b.Field(12).(*array.ListBuilder)
		l.Append(true)
		for k := range row {
			l.ValueBuilder().(*array.Int32Builder).Append(int32(k))
		}
		st := b.Field(13).(*array.StructBuilder)
		st.Append(true)
		st.FieldBuilder(0).(*array.Int64Builder).Append(7)
		st.FieldBuilder(1).AppendNull()
		m := b.Field(14).(*array.MapBuilder)
		m.Append(true)
		m.KeyBuilder().(*array.StringBuilder).Append("k")
		m.ItemBuilder().(*array.Int32Builder).Append(int32(row))
		if err := b.Field(15).(*array.BinaryDictionaryBuilder).AppendString("dict"); err != nil {
			panic(err)
		}
	}
	return schema, b.NewRecordBatch()
}

var registered = []string{
	`true|0|9223372036854775808|0.5||large|AP8=|-1.25|184467440737095516.21|2024-02-29|1969-12-31T23:59:59.999999|1970-01-01T00:00:01Z|[]|{"x":7,"y":null}|[{"key":"k","value":0}]|dict`,
	strings.TrimSuffix(strings.Repeat("(null)|", 16), "|"),
	`false|-2|9223372036854775810|0.5|ääääääääääääääääääää|large|AP8=|-1.25|184467440737095516.21|2024-02-29|1969-12-31T23:59:59.999999|1970-01-01T00:00:01Z|[0,1]|{"x":7,"y":null}|[{"key":"k","value":2}]|dict`,
}

func TestRegister(t *testing.T) {
	schema, rec := record()
	reader := func() array.RecordReader {
		r, err := array.NewRecordReader(schema, []arrow.RecordBatch{rec, rec.NewSlice(2, 3)})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	want := append(append([]string(nil), registered...), registered[2])
	db := openDB(t, "")
	if err := db.Register("t", reader()); err != nil {
		t.Fatal(err)
	}
	r, err := db.Query(t.Context(), "SELECT * FROM t")
	check(t, rowsOf(t, r, err), want...)
	s := db.Session()
	if err := s.Register("own", reader()); err != nil {
		t.Fatal(err)
	}
	r, err = s.Query(t.Context(), "SELECT count(*), sum(i8), sum(d), max(s) = repeat('ä', 20) FROM own")
	check(t, rowsOf(t, r, err), "4|-4|-3.75|true")
	if _, err := db.Exec(t.Context(), "FROM own"); sqlerr.ClassOf(err) != sqlerr.NotFound {
		t.Errorf("another session sees it: %v", err)
	}
	in := openDB(t, t.TempDir())
	if err := in.Register("t", reader()); err != nil {
		t.Fatal(err)
	}
	r, err = in.Query(t.Context(), "SELECT * FROM t")
	check(t, rowsOf(t, r, err), want...)
}

func TestRegisterLarge(t *testing.T) { // more rows than a chunk, from sliced arrays
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64}}, nil))
	for i := range 200_001 {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
	}
	rec := b.NewRecordBatch()
	r, err := array.NewRecordReader(rec.Schema(), []arrow.RecordBatch{rec.NewSlice(1, 200_001)})
	if err != nil {
		t.Fatal(err)
	}
	s := openDB(t, "").Session()
	if err := s.Register("t", r); err != nil {
		t.Fatal(err)
	}
	got, err := s.Query(t.Context(), "SELECT count(*), sum(a), min(a), max(a) FROM t")
	check(t, rowsOf(t, got, err), "200000|20000100000|1|200000")
}

func TestManyGoroutines(t *testing.T) {
	db := openDB(t, "", skep.WithWorkers(2))
	if _, err := db.Exec(t.Context(), "CREATE TABLE t AS SELECT range AS a FROM range(10000)"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			s := db.Session()
			defer s.Close()
			if _, err := s.Exec(context.Background(), fmt.Sprintf("CREATE TEMP TABLE mine AS SELECT %d AS g", g)); err != nil {
				t.Error(err)
				return
			}
			for range 10 {
				r, err := s.Query(context.Background(), "SELECT g, (SELECT sum(a) FROM t WHERE a % 8 = ?) FROM mine", g)
				if err != nil {
					t.Error(err)
					return
				}
				sum := int64(0)
				for a := g; a < 10000; a += 8 {
					sum += int64(a)
				}
				check(t, rowsOf(t, r, nil), fmt.Sprintf("%d|%d", g, sum))
			}
		})
	}
	wg.Wait()
}

func TestCancel(t *testing.T) {
	db := openDB(t, "")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := db.Exec(ctx, "SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range + b.range < 0")
	if sqlerr.ClassOf(err) != sqlerr.Cancelled || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	r, err := db.Query(t.Context(), "SELECT * FROM range(50000000)")
	if err != nil || !r.Next() {
		t.Fatal(err)
	}
	start = time.Now()
	r.Release() // stops the query
	if time.Since(start) > time.Second {
		t.Errorf("Release took %v", time.Since(start))
	}
}

func TestClosed(t *testing.T) {
	db := openDB(t, "")
	s := db.Session()
	_ = s.Close()
	if _, err := s.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a closed session runs statements")
	}
	s = db.Session()
	_ = db.Close()
	if _, err := s.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a closed database runs statements")
	}
}

// A column that a late value disproves is widened, and the statement starts over.
func TestStartsOver(t *testing.T) {
	var text strings.Builder
	text.WriteString("a,b\n")
	for i := range 200_000 {
		v := "5"
		if i == 123_456 {
			v = "five"
		}
		fmt.Fprintf(&text, "%d,%s\n", i, v)
	}
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	s := openDB(t, "").Session()
	defer s.Close()
	var mu sync.Mutex
	notes := 0
	s.OnNote(func(string) { mu.Lock(); notes++; mu.Unlock() })
	for _, sql := range []string{"SELECT count(*), max(b) FROM '" + path + "'", "SELECT count(*), max(b) FROM t"} {
		r, err := s.Query(t.Context(), sql)
		check(t, rowsOf(t, r, err), "200000|five")
		if _, err := s.Exec(t.Context(), "CREATE OR REPLACE TABLE t AS FROM '"+path+"'"); err != nil {
			t.Fatal(err)
		}
	}
	if notes == 0 {
		t.Error("no note tells it")
	}
}
