package parquet

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTPCH times columns of lineitem in the folder SKEP_TPCH, if it is set.
func TestTPCH(t *testing.T) {
	dir := os.Getenv("SKEP_TPCH")
	if dir == "" {
		t.Skip("SKEP_TPCH is not set")
	}
	tab, err := openFile(t, filepath.Join(dir, "lineitem.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows, %d row groups", tab.meta.rows, len(tab.meta.groups))
	for _, names := range [][]string{{"l_shipdate", "l_discount", "l_quantity", "l_extendedprice"}, {"l_shipmode"}, {"l_shipdate"},
		{"l_extendedprice"}, {"l_orderkey"}, {"l_comment"}, {}, nil} {
		s := allColumns(tab)
		if names != nil {
			s.Columns = s.Columns[:0]
			for _, n := range names {
				for i, c := range tab.columns {
					if c.Name == n {
						s.Columns = append(s.Columns, i)
					}
				}
			}
		}
		best := time.Hour
		for range 5 {
			start := time.Now()
			src, _ := tab.Scan(t.Context(), s)
			c, _ := src.Cursor()
			for {
				b, err := c.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if b == nil {
					break
				}
			}
			c.Close()
			src.Close()
			best = min(best, time.Since(start))
		}
		t.Logf("%8.2f ms  %v", best.Seconds()*1000, names)
	}
}
