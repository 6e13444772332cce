package parquet

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	pq "github.com/parquet-go/parquet-go"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// encoded is a row in every encoding that the own writer does not use.
type encoded struct {
	Delta   int64    `parquet:"delta,delta"`
	Delta32 int32    `parquet:"delta32,delta"`
	Length  string   `parquet:"length,delta"`
	Front   [4]byte  `parquet:"front"`
	Split   float64  `parquet:"split,split"`
	Split32 float32  `parquet:"split32,split"`
	Mixed   string   `parquet:"mixed,dict"`
	Number  int64    `parquet:"number,dict"`
	Opt     *string  `parquet:"opt,optional,dict"`
	List    []string `parquet:"list,list"`
	Bool    bool     `parquet:"bool"`
}

func encodedRow(i int) encoded {
	r := encoded{Delta: int64(i*i) - 1000, Delta32: int32(-i), Length: fmt.Sprint("value ", i), Split: float64(i) / 3, Split32: float32(i),
		Mixed: fmt.Sprint("a string that is long enough ", i), Number: int64(i % 20_000), Bool: i%3 == 0}
	if i < 3000 {
		r.Mixed = "few"
	}
	if i%4 != 0 {
		s := fmt.Sprint("opt", i%7)
		r.Opt = &s
	}
	for j := range i % 3 {
		r.List = append(r.List, fmt.Sprint(j))
	}
	return r
}

// TestEncodings reads what parquet-go writes: other encodings, both page versions, small pages, and a dictionary that
// overflows, so that pages of codes and of plain strings mix within a chunk.
func TestEncodings(t *testing.T) {
	const n = 30_000
	for version := 1; version <= 2; version++ {
		var buf bytes.Buffer
		w := pq.NewGenericWriter[encoded](&buf, pq.DataPageVersion(version), pq.PageBufferSize(5000), pq.Compression(&pq.Zstd),
			pq.DictionaryMaxBytes(40_000))
		for i := range n {
			if _, err := w.Write([]encoded{encodedRow(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "e.parquet")
		if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		tab, err := openFile(t, path)
		if err != nil {
			t.Fatal(err)
		}
		checkEncoded(t, tab, n)
	}
}

func checkEncoded(t *testing.T, tab *table, n int) {
	at := map[string]int{}
	for i, c := range tab.columns {
		at[c.Name] = i
	}
	row, dicts, flats := 0, 0, 0
	_, err := drain(tab, allColumns(tab), func(b *vec.Batch) {
		if b.Cols[at["mixed"]].Form == vec.Dict {
			dicts++
		} else {
			flats++
		}
		for i := range b.N {
			r := encodedRow(row)
			row++
			opt := "NULL"
			if r.Opt != nil {
				opt = fmt.Sprintf("%q", *r.Opt)
			}
			list := "["
			for j, s := range r.List {
				if j > 0 {
					list += ","
				}
				list += fmt.Sprintf("%q", s)
			}
			flag := 0
			if r.Bool {
				flag = 1
			}
			for name, want := range map[string]string{"delta": fmt.Sprint(r.Delta), "delta32": fmt.Sprint(r.Delta32),
				"length": fmt.Sprintf("%q", r.Length), "split": fmt.Sprint(r.Split), "split32": fmt.Sprint(float64(r.Split32)),
				"mixed": fmt.Sprintf("%q", r.Mixed), "number": fmt.Sprint(r.Number), "opt": opt, "list": list + "]",
				"bool": fmt.Sprint(flag)} {
				if got := show(b.Cols[at[name]], i); got != want {
					t.Fatalf("%s, row %d: %s, want %s", name, row-1, got, want)
				}
			}
		}
	})
	if err != nil || row != n {
		t.Fatalf("%d rows: %v", row, err)
	}
	if dicts == 0 || flats == 0 {
		t.Errorf("%d batches of codes and %d of values: nothing is mixed", dicts, flats)
	}
}

func TestWriterRefuses(t *testing.T) {
	null := vec.NewNull(types.TBigInt, 3)
	iv := vec.New(types.TInterval, 1)
	vec.Values[vec.IntervalValue](iv)[0] = vec.IntervalValue{Days: -1}
	uuid := vec.New(types.TUUID, 1)
	uuid.SetBytes(0, []byte("no uuid"))
	for _, c := range []struct {
		f types.Field
		v *vec.Vector
	}{
		{types.Field{Name: "a", Type: types.TBigInt, NotNull: true}, null},
		{types.Field{Name: "b", Type: types.TInterval}, iv},
		{types.Field{Name: "c", Type: types.TUUID}, uuid},
	} {
		w, err := New().Create(&bytes.Buffer{}, &storage.Env{}, []types.Field{c.f}, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = w.Write(&vec.Batch{N: c.v.Len, Cols: []*vec.Vector{c.v}})
		if e := w.Close(); err == nil {
			err = e
		}
		if sqlerr.ClassOf(err) != sqlerr.Data {
			t.Errorf("%s: %v", c.f.Name, err)
		}
	}
}

// TestNanos cuts nanoseconds downwards and says so once.
func TestNanos(t *testing.T) {
	type row struct {
		T int64 `parquet:"t,timestamp(nanosecond:utc)"`
		M int64 `parquet:"m,timestamp(millisecond:local)"`
	}
	var buf bytes.Buffer
	if err := pq.Write(&buf, []row{{1999, 5}, {-1, -5}, {3000, 0}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "n.parquet")
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	tab, err := openFile(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := tab.columns[0].Type.Kind, tab.columns[1].Type.Kind; a != types.TimestampTZ || b != types.Timestamp {
		t.Errorf("%s, %s", a, b)
	}
	var notes []string
	s := allColumns(tab)
	s.Env = &storage.Env{Note: func(n string) { notes = append(notes, n) }}
	got := ""
	if _, err := drain(tab, s, func(b *vec.Batch) {
		for i := range b.N {
			got += show(b.Cols[0], i) + " " + show(b.Cols[1], i) + ";"
		}
	}); err != nil || got != "1 5000;-1 -5000;3 0;" {
		t.Error(got, err)
	}
	if len(notes) != 1 || !bytes.HasPrefix([]byte(notes[0]), []byte("2 timestamps of ")) {
		t.Errorf("%q", notes)
	}
}
