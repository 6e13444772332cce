package parquet

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// scanAll runs a scan in one cursor without looking at the rows.
func scanAll(t testing.TB, tab storage.Table, s *storage.Scan) (rows int) {
	src, err := tab.Scan(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := src.Cursor()
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := c.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		rows += b.N
	}
	c.Close()
	src.Close()
	return rows
}

func columnsNamed(tab *table, names ...string) (out []int) {
	for _, n := range names {
		for i, c := range tab.columns {
			if c.Name == n {
				out = append(out, i)
			}
		}
	}
	return out
}

// TestTPCH times columns of lineitem in the folder SKEP_TPCH, if it is set, and a copy to SKEP_TPCH_OUT.
func TestTPCH(t *testing.T) {
	dir := os.Getenv("SKEP_TPCH")
	if dir == "" {
		t.Skip("SKEP_TPCH is not set")
	}
	tab, err := openFile(t, filepath.Join(dir, "lineitem.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	st := tab.Stats()
	t.Logf("%d rows, %d row groups, statistics in %s", tab.meta.rows, len(tab.meta.groups), time.Since(start))
	for i, c := range tab.columns {
		t.Logf("%s %s: %+v", c.Name, c.Type, st.Cols[i])
	}
	for _, names := range [][]string{{"l_shipdate", "l_discount", "l_quantity", "l_extendedprice"}, {"l_shipmode"}, {"l_shipdate"},
		{"l_extendedprice"}, {"l_orderkey"}, {"l_comment"}, {}, nil} {
		s := allColumns(tab)
		if names != nil {
			s.Columns = columnsNamed(tab, names...)
		}
		best := time.Hour
		for range 7 {
			start := time.Now()
			scanAll(t, tab, s)
			best = min(best, time.Since(start))
		}
		t.Logf("%8.2f ms  %v", best.Seconds()*1000, names)
	}
	if out := os.Getenv("SKEP_TPCH_OUT"); out != "" {
		copyTable(t, tab, out)
	}
}

func copyTable(t *testing.T, tab *table, out string) {
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var fields []types.Field
	for _, c := range tab.columns {
		fields = append(fields, c.Field)
	}
	start := time.Now()
	buf := bufio.NewWriterSize(f, 1<<20)
	w, err := New().Create(buf, nil, fields, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(tab, allColumns(tab), func(b *vec.Batch) {
		if err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := buf.Flush(); err != nil {
		t.Fatal(err)
	}
	info, _ := f.Stat()
	t.Logf("%8.2f s to write %d MB", time.Since(start).Seconds(), info.Size()>>20)
}

// orders makes a table like lineitem: dates, quantities and discounts that repeat, prices that do not, comments.
func orders(b *testing.B, n int) *table {
	cols := []types.Field{{Name: "shipdate", Type: types.TDate}, {Name: "discount", Type: types.NewDecimal(15, 2)},
		{Name: "quantity", Type: types.NewDecimal(15, 2)}, {Name: "price", Type: types.NewDecimal(15, 2)},
		{Name: "mode", Type: types.TVarchar}, {Name: "comment", Type: types.TVarchar}}
	batch := &vec.Batch{N: n}
	r := rand.New(rand.NewPCG(8, 8))
	words := strings.Fields("the quick brown foxes sleep furiously above silent express deposits and ironic accounts wake slyly")
	for i, c := range cols {
		x := vec.NewBuilder(c.Type)
		for range n {
			switch i {
			case 0:
				vec.AppendValue(x, 8000+r.Int32N(2500))
			case 1:
				vec.AppendValue(x, r.Int64N(11))
			case 2:
				vec.AppendValue(x, 100*(1+r.Int64N(50)))
			case 3:
				vec.AppendValue(x, 90_000+r.Int64N(10_000_000))
			case 4:
				x.AppendBytes([]byte(words[r.IntN(7)]))
			default:
				x.AppendBytes([]byte(words[r.IntN(15)] + " " + words[r.IntN(15)] + " " + words[r.IntN(15)]))
			}
		}
		batch.Cols = append(batch.Cols, x.Vector())
	}
	tab, err := openFile(b, writeFile(b, cols, nil, batch))
	if err != nil {
		b.Fatal(err)
	}
	return tab
}

const benchRows = 600_000

func benchScan(b *testing.B, names ...string) {
	tab := orders(b, benchRows)
	s := &storage.Scan{Columns: columnsNamed(tab, names...)}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if n := scanAll(b, tab, s); n != benchRows {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

func BenchmarkScanQ6(b *testing.B) { benchScan(b, "shipdate", "discount", "quantity", "price") }

func BenchmarkScanDictString(b *testing.B) { benchScan(b, "mode") }

func BenchmarkScanPlainString(b *testing.B) { benchScan(b, "comment") }

func BenchmarkWrite(b *testing.B) {
	tab := orders(b, benchRows)
	var fields []types.Field
	for _, c := range tab.columns {
		fields = append(fields, c.Field)
	}
	b.ResetTimer()
	for range b.N {
		w, err := New().Create(io.Discard, nil, fields, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := drain(tab, allColumns(tab), func(x *vec.Batch) {
			if err := w.Write(x); err != nil {
				b.Fatal(err)
			}
		}); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}
