package json

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// lineitem makes a file that looks like TPC-H's lineitem.
func lineitem(b *testing.B, rows int) fs.File {
	r := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&out, `{"l_orderkey":%d,"l_partkey":%d,"l_suppkey":%d,"l_linenumber":%d,"l_quantity":%d.00,"l_extendedprice":%d.%02d,"l_discount":0.%02d,"l_tax":0.%02d,`,
			i/4*8, r.IntN(200_000), r.IntN(10_000), i%4+1, 1+r.IntN(50), 900+r.IntN(100_000), r.IntN(100), r.IntN(11), r.IntN(9))
		fmt.Fprintf(&out, `"l_returnflag":"%c","l_linestatus":"%c","l_shipdate":"199%d-%02d-%02d","l_commitdate":"1995-02-11","l_receiptdate":"1995-03-13","l_shipinstruct":"DELIVER IN PERSON","l_shipmode":"TRUCK","l_comment":"egular courts above the %d"}`+"\n",
			"NRA"[r.IntN(3)], "OF"[r.IntN(2)], 2+r.IntN(7), 1+r.IntN(12), 1+r.IntN(28), r.IntN(1_000_000))
	}
	path := filepath.Join(b.TempDir(), "lineitem.ndjson")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	f, err := fs.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// BenchmarkRead reads some columns of a file of lines with one worker, and all of them.
func BenchmarkRead(b *testing.B) {
	const rows = 200_000
	f := lineitem(b, rows)
	for _, c := range []struct {
		name string
		cols []int
	}{{"none", nil}, {"q6", []int{10, 6, 4, 5}}, {"all", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(f.Size)
			b.ReportAllocs()
			var took time.Duration
			for b.Loop() {
				tab, err := New().Open(context.Background(), &storage.Env{}, f, nil)
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				src, err := tab.Scan(context.Background(), &storage.Scan{Columns: c.cols, Workers: 1})
				if err != nil {
					b.Fatal(err)
				}
				cur, _ := src.Cursor()
				n := 0
				for {
					batch, err := cur.Next(context.Background())
					if err != nil {
						b.Fatal(err)
					}
					if batch == nil {
						break
					}
					n += batch.N
				}
				cur.Close()
				src.Close()
				if took += time.Since(start); n != rows {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/took.Seconds(), "rows/s")
		})
	}
}
