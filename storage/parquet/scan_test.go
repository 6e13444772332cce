package parquet

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// ordered is a table of n rows: id counts up, day = id/1000, name has few values, x is random with NULLs, text is long.
func ordered(t testing.TB, n int, opts ...string) *table {
	cols := []types.Field{{Name: "id", Type: types.TBigInt, NotNull: true}, {Name: "day", Type: types.TDate},
		{Name: "name", Type: types.TVarchar}, {Name: "x", Type: types.TDouble}, {Name: "text", Type: types.TVarchar}}
	b := &vec.Batch{N: n}
	r := rand.New(rand.NewPCG(5, 5))
	var bs []*vec.Builder
	for _, c := range cols {
		bs = append(bs, vec.NewBuilder(c.Type))
	}
	for i := range n {
		vec.AppendValue(bs[0], int64(i))
		vec.AppendValue(bs[1], int32(i/1000))
		bs[2].AppendBytes([]byte([]string{"ash", "beech", "cedar"}[i*3/n]))
		if i%5 == 0 {
			bs[3].AppendNull()
		} else {
			vec.AppendValue(bs[3], r.Float64())
		}
		bs[4].AppendBytes(fmt.Appendf(nil, "the text of row number %d", i))
	}
	for _, x := range bs {
		b.Cols = append(b.Cols, x.Vector())
	}
	tab, err := openFile(t, writeFile(t, cols, opt(opts...), b))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func ids(t *testing.T, tab *table, s *storage.Scan) (out []int64) {
	t.Helper()
	if _, err := drain(tab, s, func(b *vec.Batch) {
		sel := b.Sel
		if sel == nil {
			sel = vec.Identity(b.N)
		}
		for _, i := range sel {
			out = append(out, vec.ValueAt[int64](b.Cols[0], int(i)))
		}
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPrune(t *testing.T) {
	const n = 200_000
	tab := ordered(t, n, "row_group_size", "50000")
	i64 := func(x int64) []storage.Bound { return []storage.Bound{{I: x}} }
	str := func(x string) []storage.Bound { return []storage.Bound{{S: x}} }
	for _, c := range []struct {
		name     string
		pred     storage.Pred
		from, to int64 // rows that meet it
		most     int   // rows that may be read
	}{
		{"eq", storage.Pred{Op: storage.Eq, Col: 0, Values: i64(60_000)}, 60_000, 60_001, pageRows},
		{"lt", storage.Pred{Op: storage.Lt, Col: 0, Values: i64(10)}, 0, 10, pageRows},
		{"ge", storage.Pred{Op: storage.Ge, Col: 1, Values: i64(199)}, 199_000, n, pageRows},
		{"in", storage.Pred{Op: storage.In, Col: 0, Values: []storage.Bound{{I: 7}, {I: -3}}}, 7, 8, pageRows},
		{"prefix", storage.Pred{Op: storage.Prefix, Col: 2, Values: str("as")}, 0, 66_667, 100_000},
		{"none", storage.Pred{Op: storage.Gt, Col: 0, Values: i64(n)}, 0, 0, 0},
		{"null", storage.Pred{Op: storage.IsNull, Col: 0}, 0, 0, 0},
		{"and", storage.Pred{Op: storage.And, Kids: []storage.Pred{{Op: storage.Ge, Col: 0, Values: i64(99_999)},
			{Op: storage.Lt, Col: 1, Values: i64(101)}}}, 99_999, 101_000, 2 * pageRows},
		{"or", storage.Pred{Op: storage.Or, Kids: []storage.Pred{{Op: storage.Eq, Col: 0, Values: i64(1)},
			{Op: storage.Eq, Col: 0, Values: i64(2)}}}, 1, 3, pageRows},
		{"nan", storage.Pred{Op: storage.Gt, Col: 3, Values: []storage.Bound{{F: 2}}}, 0, n, n},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ids(t, tab, &storage.Scan{Columns: []int{0, 4}, Prune: []storage.Pred{c.pred}})
			if len(got) > c.most || !slices.IsSorted(got) {
				t.Errorf("%d rows read, at most %d wanted", len(got), c.most)
			}
			for id := c.from; id < c.to; id++ {
				if _, ok := slices.BinarySearch(got, id); !ok {
					t.Fatalf("row %d is missing", id)
				}
			}
		})
	}
}

// TestBloom reads a file of the suite whose second column has Bloom filters.
func TestBloom(t *testing.T) {
	tab, err := openFile(t, filepath.Join(suite(t, "data"), "data_index_bloom_encoding_stats.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]bool{"Hello": true, "This is": true, "a": true, "test": true, "How": true, "zebra": false, "Nope": false} {
		h, _ := os.Open(tab.path)
		p := &pruner{t: tab, h: h}
		got := p.bloom(tab.leaves[0], &tab.meta.groups[0].chunks[0], []storage.Bound{{S: value}})
		h.Close()
		if got != want {
			t.Errorf("%s: %v", value, got)
		}
	}
}

func TestRefine(t *testing.T) {
	const n = 100_000
	tab := ordered(t, n, "row_group_size", "40000")
	every := func(k int64) storage.Refine {
		return storage.Refine{Columns: []int{0}, New: func() func(*vec.Batch, []int32) ([]int32, error) {
			return func(b *vec.Batch, sel []int32) ([]int32, error) {
				if b.Cols[1] != nil {
					t.Error("the text is decoded before it is needed")
				}
				out := sel[:0]
				for _, i := range sel {
					if vec.ValueAt[int64](b.Cols[0], int(i))%k == 0 {
						out = append(out, i)
					}
				}
				return out, nil
			}
		}}
	}
	rows := int64(0)
	_, err := drain(tab, &storage.Scan{Columns: []int{0, 4}, Refine: []storage.Refine{every(3000), every(5000)}}, func(b *vec.Batch) {
		for _, i := range b.Sel {
			id := vec.ValueAt[int64](b.Cols[0], int(i))
			if id != rows*15_000 || string(b.Cols[1].Bytes(int(i))) != fmt.Sprintf("the text of row number %d", id) {
				t.Fatalf("row %d: %q", id, b.Cols[1].Bytes(int(i)))
			}
			rows++
		}
	})
	if err != nil || rows != 7 {
		t.Fatalf("%d rows: %v", rows, err)
	}
}

func TestLimitAndCount(t *testing.T) {
	tab := ordered(t, 10_000, "row_group_size", "3000")
	if got := ids(t, tab, &storage.Scan{Columns: []int{0}, Limit: 4321}); len(got) != 4321 || got[4320] != 4320 {
		t.Errorf("%d rows", len(got))
	}
	if rows, err := drain(tab, &storage.Scan{}, nil); rows != 10_000 || err != nil {
		t.Errorf("%d rows: %v", rows, err)
	}
}

// TestWorkers reads with several cursors: every row once, morsels in order.
func TestWorkers(t *testing.T) {
	tab := ordered(t, 300_000, "row_group_size", "300000")
	src, err := tab.Scan(t.Context(), &storage.Scan{Columns: []int{0, 2}, Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var mu sync.Mutex
	first := map[int64]int64{}
	seen := make([]bool, 300_000)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			c, _ := src.Cursor()
			defer c.Close()
			for {
				b, err := c.Next(t.Context())
				if err != nil || b == nil {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				for i := range b.N {
					id := vec.ValueAt[int64](b.Cols[0], i)
					if seen[id] {
						t.Errorf("row %d twice", id)
					}
					seen[id] = true
					if b.Seq == 0 && i == 0 {
						first[b.Morsel] = id
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if slices.Contains(seen, false) {
		t.Error("rows are missing")
	}
	if len(first) < 3 {
		t.Errorf("%d morsels", len(first))
	}
	for m := int64(1); m < int64(len(first)); m++ {
		if first[m] <= first[m-1] {
			t.Errorf("morsel %d begins at row %d, the one before at %d", m, first[m], first[m-1])
		}
	}
}

func TestStats(t *testing.T) {
	tab := ordered(t, 50_000, "row_group_size", "20000")
	s := tab.Stats()
	if s.Rows != 50_000 || !s.Exact {
		t.Errorf("%+v", s)
	}
	if c := s.Cols[0]; !c.Tight || c.Min.I != 0 || c.Max.I != 49_999 || c.Nulls != 0 {
		t.Errorf("id: %+v", c)
	}
	if c := s.Cols[1]; !c.Tight || c.Max.I != 49 || c.Distinct < 40 || c.Distinct > 60 {
		t.Errorf("day: %+v", c)
	}
	if c := s.Cols[2]; !c.HasRange || c.Min.S != "ash" || c.Max.S != "cedar" || c.Width < 3 {
		t.Errorf("name: %+v", c)
	}
	if c := s.Cols[3]; c.HasRange || c.Nulls != 10_000 {
		t.Errorf("x: %+v", c)
	}
}

func TestOptions(t *testing.T) {
	_, err := New().Open(t.Context(), nil, fs.File{Path: "x"}, opt("binary_as_strin", "true"))
	if sqlerr.ClassOf(err) != sqlerr.Bind || !strings.Contains(err.(*sqlerr.Error).Hint, "binary_as_string") {
		t.Error(err)
	}
	cols := []types.Field{{Name: "a", Type: types.TBinary}}
	v := vec.New(types.TBinary, 1)
	v.SetBytes(0, []byte("abc"))
	path := writeFile(t, cols, nil, &vec.Batch{N: 1, Cols: []*vec.Vector{v}})
	for text, want := range map[string]types.Kind{"true": types.Varchar, "false": types.Binary} {
		tab, err := New().Open(t.Context(), nil, fs.File{Path: path}, opt("binary_as_string", text))
		if err != nil || tab.Schema()[0].Type.Kind != want {
			t.Error(text, err)
		}
	}
	if _, err := New().Create(nil, nil, cols, opt("compression", "lzma")); sqlerr.ClassOf(err) != sqlerr.Bind {
		t.Error(err)
	}
}

// TestMemoryLimit holds the page buffers to the budget.
func TestMemoryLimit(t *testing.T) {
	tab := ordered(t, 100_000)
	s := allColumns(tab)
	s.Env = &storage.Env{Mem: mem.NewBudget(1 << 12)}
	if _, err := drain(tab, s, nil); sqlerr.ClassOf(err) != sqlerr.Limit {
		t.Error(err)
	}
	s.Env.Mem = mem.NewBudget(1 << 24)
	if rows, err := drain(tab, s, nil); err != nil || rows != 100_000 || s.Env.Mem.Used() != 0 {
		t.Error(rows, err, s.Env.Mem.Used())
	}
}

// mutants gives broken copies of a file: bytes changed, cut, or doubled.
func mutate(b []byte, r *rand.Rand) []byte {
	b = slices.Clone(b)
	for range 1 + r.IntN(4) {
		i := r.IntN(len(b))
		if r.IntN(2) == 0 && len(b) > 600 { // the footer is where most lies
			i = len(b) - 1 - r.IntN(600)
		}
		switch r.IntN(4) {
		case 0:
			b[i] ^= 1 << r.IntN(8)
		case 1:
			b[i] = byte(r.Uint32())
		case 2:
			b[i] = 0xff
		default:
			b = slices.Delete(b, i, min(len(b), i+1+r.IntN(8)))
		}
		if len(b) < 20 {
			break
		}
	}
	return b
}

func tryBytes(t testing.TB, dir string, b []byte) {
	path := filepath.Join(dir, "m.parquet")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	tab, err := openFile(t, path)
	if err == nil {
		if tab.meta.rows > 1<<20 {
			return // it may be true
		}
		tab.Stats()
		s := allColumns(tab)
		s.Env = &storage.Env{Mem: mem.NewBudget(64 << 20)}
		s.Prune = []storage.Pred{{Op: storage.Ge, Col: 0, Values: []storage.Bound{{I: -1 << 40}}}}
		_, err = drain(tab, s, nil)
	}
	switch c := sqlerr.ClassOf(err); {
	case err == nil, c == sqlerr.Data, c == sqlerr.Unsupported, c == sqlerr.Limit, c == sqlerr.IO:
	default:
		t.Errorf("class %s: %v", c, err)
	}
	if err != nil && strings.Contains(err.Error(), "runtime error") {
		t.Logf("recovered: %v", err)
	}
}

func seeds(t testing.TB) (out [][]byte) {
	for i, codec := range []string{"none", "snappy", "zstd", "gzip", "lz4", "brotli"} {
		cols, batch := sample(60, i%2 == 0, uint64(i))
		b, err := os.ReadFile(writeFile(t, cols, opt("compression", codec, "row_group_size", "25"), batch))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func TestMutants(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	files := seeds(t)
	for i := range 1500 {
		tryBytes(t, dir, mutate(files[i%len(files)], r))
	}
}

func TestMutantSuites(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(suite(t, "data"), "*.parquet"))
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(3, 4))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || len(b) > 200_000 {
			continue
		}
		for range 25 {
			tryBytes(t, dir, mutate(b, r))
		}
	}
}

func FuzzRead(f *testing.F) {
	for i, codec := range []string{"none", "snappy", "zstd", "gzip", "lz4", "brotli"} {
		cols, batch := sample(30, true, uint64(i))
		for k := i; k < len(cols); k += 6 { // small files: one column each
			b, err := os.ReadFile(writeFile(f, cols[k:k+1], opt("compression", codec), &vec.Batch{N: 30, Cols: batch.Cols[k : k+1]}))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 0 {
			tryBytes(t, dir, b)
		}
	})
}
