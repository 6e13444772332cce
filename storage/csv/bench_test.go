package csv

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

func lineitem(t testing.TB) fs.File {
	path := os.Getenv("SKEP_LINEITEM_CSV")
	if path == "" {
		t.Skip("SKEP_LINEITEM_CSV is not set")
	}
	f, err := fs.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// q6 is TPC-H's query 6: three refines, one sum.
func q6(t testing.TB, tab storage.Table, workers int) int64 {
	env := &storage.Env{}
	ship := func() func(b *vec.Batch, sel []int32) ([]int32, error) {
		return func(b *vec.Batch, sel []int32) ([]int32, error) {
			v, k := vec.Values[int32](b.Cols[0]), 0
			for _, i := range sel {
				sel[k] = i
				if uint32(v[i]-8766) < 365 {
					k++
				}
			}
			return sel[:k], nil
		}
	}
	disc := func() func(b *vec.Batch, sel []int32) ([]int32, error) {
		return func(b *vec.Batch, sel []int32) ([]int32, error) {
			v, k := vec.Values[int64](b.Cols[1]), 0
			for _, i := range sel {
				sel[k] = i
				if uint64(v[i]-5) <= 2 {
					k++
				}
			}
			return sel[:k], nil
		}
	}
	qty := func() func(b *vec.Batch, sel []int32) ([]int32, error) {
		return func(b *vec.Batch, sel []int32) ([]int32, error) {
			v, k := vec.Values[int64](b.Cols[2]), 0
			for _, i := range sel {
				sel[k] = i
				if v[i] < 24 {
					k++
				}
			}
			return sel[:k], nil
		}
	}
	src, err := tab.Scan(context.Background(), &storage.Scan{Columns: []int{10, 6, 4, 5}, Env: env, Workers: workers,
		Refine: []storage.Refine{{Columns: []int{0}, New: ship}, {Columns: []int{1}, New: disc}, {Columns: []int{2}, New: qty}}})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var mu sync.Mutex
	var total int64
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			cur, err := src.Cursor()
			if err != nil {
				t.Error(err)
				return
			}
			defer cur.Close()
			var sum int64
			for {
				b, err := cur.Next(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				if b == nil {
					break
				}
				d, p := vec.Values[int64](b.Cols[1]), vec.Values[int64](b.Cols[3])
				sel := b.Sel
				if sel == nil {
					sel = vec.Identity(b.N)
				}
				for _, i := range sel {
					sum += d[i] * p[i]
				}
			}
			mu.Lock()
			total += sum
			mu.Unlock()
		}()
	}
	wg.Wait()
	return total
}

func BenchmarkQ6(b *testing.B) {
	f := lineitem(b)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			b.SetBytes(f.Size)
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				tab, err := New().Open(context.Background(), &storage.Env{}, f, nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(time.Since(start).Microseconds())/1000, "open-ms")
				if got := q6(b, tab, workers); got != 1231410782283 {
					b.Fatal(got)
				}
			}
		})
	}
}

// BenchmarkQ6Plain is BenchmarkQ6 without the processor's vector instructions.
func BenchmarkQ6Plain(b *testing.B) {
	f := lineitem(b)
	defer func(was bool) { fast = was }(fast)
	fast = false
	b.SetBytes(f.Size)
	for b.Loop() {
		tab, err := New().Open(context.Background(), &storage.Env{}, f, nil)
		if err != nil {
			b.Fatal(err)
		}
		q6(b, tab, 1)
	}
}
