package multi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/csv"
	"github.com/skep-sql/skep/storage/parquet"
)

// tree writes files into a folder of their own.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

type outcome struct {
	schema string
	rows   []string
	notes  []string
	starts int
	table  storage.Table
}

func opt(kv ...string) storage.Options {
	o := storage.Options{}
	for i := 0; i < len(kv); i += 2 {
		o[kv[i]] = storage.Option{Text: kv[i+1], Pos: -1}
	}
	return o
}

// query opens and reads; scan, if not nil, changes the scan. Columns are all that are not hidden, unless the scan says.
func query(src Source, scan func(*storage.Scan)) (o outcome, err error) {
	var mu sync.Mutex // files are opened side by side
	env := &storage.Env{Note: func(n string) {
		mu.Lock()
		defer mu.Unlock()
		o.notes = append(o.notes, n)
	}}
	if src.Format == nil {
		src.Format = csv.New()
	}
	tab, err := Open(context.Background(), env, src)
	if err != nil {
		return o, err
	}
	o.table = tab
	for {
		o.starts++
		if err = o.read(tab, env, scan); err == nil {
			return o, nil
		}
		var again *storage.RestartError
		if !errors.As(err, &again) || o.starts > 20 {
			return o, err
		}
		again.Apply()
	}
}

func (o *outcome) read(tab storage.Table, env *storage.Env, scan func(*storage.Scan)) error {
	var names []string
	sc := &storage.Scan{Env: env, Workers: 2}
	for i, c := range tab.Schema() {
		if !c.Hidden {
			sc.Columns = append(sc.Columns, i)
			names = append(names, c.Name+" "+c.Type.String())
		}
	}
	o.schema = strings.Join(names, ", ")
	if scan != nil {
		scan(sc)
	}
	src, err := tab.Scan(context.Background(), sc)
	if err != nil {
		return err
	}
	defer src.Close()
	var mu sync.Mutex
	var wg sync.WaitGroup
	type place struct {
		morsel int64
		seq    int32
		rows   []string
	}
	var got []place
	errs := make([]error, 2)
	for w := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			cur, err := src.Cursor()
			if err != nil {
				errs[w] = err
				return
			}
			defer cur.Close()
			for {
				b, err := cur.Next(context.Background())
				if errs[w] = err; err != nil || b == nil {
					return
				}
				mu.Lock()
				got = append(got, place{b.Morsel, b.Seq, rowsOf(b)})
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	slices.SortFunc(got, func(a, b place) int {
		if a.morsel != b.morsel {
			return cmp.Compare(a.morsel, b.morsel)
		}
		return int(a.seq - b.seq)
	})
	o.rows = nil
	for _, p := range got {
		o.rows = append(o.rows, p.rows...)
	}
	return errors.Join(errs...)
}

func rowsOf(b *vec.Batch) (out []string) {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for _, i := range sel {
		var row []string
		for _, v := range b.Cols {
			if v.IsNull(int(i)) {
				row = append(row, "NULL")
				continue
			}
			f, k := v.At(int(i))
			row = append(row, string(kernel.AppendText(nil, f, k)))
		}
		out = append(out, strings.Join(row, "|"))
	}
	return out
}

func expect(t *testing.T, o outcome, err error, schema string, rows ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if schema != "" && o.schema != schema {
		t.Errorf("schema %s, not %s", o.schema, schema)
	}
	if !slices.Equal(o.rows, rows) {
		t.Errorf("rows %q, not %q", o.rows, rows)
	}
}

func TestDrift(t *testing.T) {
	dir := tree(t, map[string]string{"a.csv": "id,x\n1,10\n", "b.csv": "x,id,extra\n2.5,2,hi\n", "c.csv": "id,x\n3,1e5\n", "d.csv": "id,x,extra\n"})
	o, err := query(Source{Path: filepath.Join(dir, "*.csv")}, nil)
	expect(t, o, err, "id BIGINT, x DOUBLE, extra VARCHAR", "1|10.0|NULL", "2|2.5|hi", "3|100000.0|NULL")
	if len(o.notes) != 1 || !strings.Contains(o.notes[0], "extra is absent in a.csv and 1 more") || !strings.Contains(o.notes[0], "x is BIGINT in a.csv") {
		t.Errorf("notes %q", o.notes)
	}
	if _, err = query(Source{Path: filepath.Join(dir, "*.csv"), Options: opt("union_by_name", "false")}, nil); err == nil || !strings.Contains(err.Error(), "a.csv") || !strings.Contains(err.Error(), "b.csv") {
		t.Error(err)
	}
	o, err = query(Source{Path: dir, Options: opt("filename", "true")}, func(s *storage.Scan) { s.Columns = []int{3, 0} })
	expect(t, o, err, "id BIGINT, x DOUBLE, extra VARCHAR, filename VARCHAR", dir+"/a.csv|1", dir+"/b.csv|2", dir+"/c.csv|3")
}

func TestGuessesDiffer(t *testing.T) {
	dir := tree(t, map[string]string{"a.csv": "id,v\n1,10\n", "b.csv": "id,v\n2,abc\n", "c.csv": "id,v\n3,007\n"})
	o, err := query(Source{Path: dir}, nil)
	expect(t, o, err, "id BIGINT, v VARCHAR", "1|10", "2|abc", "3|007")

	big := "id,v\n" + strings.Repeat("1,5\n", 100_000) + "2,x\n" + strings.Repeat("1,5\n", 100_000)
	dir = tree(t, map[string]string{"a.csv": "id,v\n1,10\n", "b.csv": big})
	o, err = query(Source{Path: dir}, nil)
	if err != nil || o.starts != 2 || o.schema != "id BIGINT, v VARCHAR" || o.rows[0] != "1|10" || o.rows[100_001] != "2|x" {
		t.Error(err, o.starts, o.schema)
	}
}

func TestFolders(t *testing.T) {
	dir := tree(t, map[string]string{
		"y=2023/c=a%20b/f.csv": "v\n1\n", "y=2024/c=x/f.csv": "v\n2\n", "y=2024/c=__HIVE_DEFAULT_PARTITION__/f.csv": "v\n3\n", "_SUCCESS": "",
	})
	o, err := query(Source{Path: dir}, nil)
	expect(t, o, err, "v BIGINT, y BIGINT, c VARCHAR", "1|2023|a b", "3|2024|NULL", "2|2024|x")
	one := func(q storage.Pred) func(*storage.Scan) { return func(s *storage.Scan) { s.Prune = []storage.Pred{q} } }
	o, err = query(Source{Path: dir}, one(storage.Pred{Op: storage.Eq, Col: 1, Values: []storage.Bound{{I: 2023}}}))
	expect(t, o, err, "", "1|2023|a b")
	o, err = query(Source{Path: dir}, one(storage.Pred{Op: storage.IsNull, Col: 2}))
	expect(t, o, err, "", "3|2024|NULL")
	o, err = query(Source{Path: dir}, one(storage.Pred{Op: storage.Or, Kids: []storage.Pred{{Op: storage.Prefix, Col: 2, Values: []storage.Bound{{S: "x"}}}, {Op: storage.Lt, Col: 1, Values: []storage.Bound{{I: 2024}}}}}))
	expect(t, o, err, "", "1|2023|a b", "2|2024|x")
	o, err = query(Source{Path: dir}, one(storage.Pred{Op: storage.Prefix, Col: 3, Values: []storage.Bound{{S: dir + "/y=2023"}}}))
	expect(t, o, err, "", "1|2023|a b")
	st := o.table.Stats()
	if st.Rows != 3 || st.Cols[1].Min.I != 2023 || st.Cols[1].Max.I != 2024 || st.Cols[2].Nulls != 1 || st.Cols[2].Distinct != 2 {
		t.Errorf("%+v", st)
	}
	o, err = query(Source{Path: dir, Options: opt("hive_partitioning", "false")}, nil)
	expect(t, o, err, "v BIGINT", "1", "3", "2")

	dir = tree(t, map[string]string{"m=01/f.csv": "v\n1\n", "m=02/f.csv": "v\n2\n"})
	o, err = query(Source{Path: filepath.Join(dir, "*/*.csv")}, nil)
	expect(t, o, err, "v BIGINT, m VARCHAR", "1|01", "2|02")
	declared := Source{Path: dir, Columns: []types.Field{{Name: "w", Type: types.TDouble}}, Partitions: []types.Field{{Name: "m", Type: types.TInteger}}}
	o, err = query(declared, nil)
	expect(t, o, err, "w DOUBLE, m INTEGER", "1.0|1", "2.0|2")
	declared.Partitions[0].Type = types.TDate
	if _, err = query(declared, nil); err == nil || !strings.Contains(err.Error(), "'01' is no DATE") {
		t.Error(err)
	}
	declared.Path = t.TempDir()
	declared.Partitions[0].Type = types.TInteger
	o, err = query(declared, nil)
	expect(t, o, err, "w DOUBLE, m INTEGER")
}

func TestRefine(t *testing.T) {
	dir := tree(t, map[string]string{"k=1/f.csv": "v\n1\n5\n9\n", "k=2/f.csv": "v,x\n1,2\n5,2\n9,2\n", "k=3/f.csv": "v\n1\n"})
	refine := func(cols []int, keep func(b *vec.Batch, i int) bool) storage.Refine {
		return storage.Refine{Columns: cols, New: func() func(b *vec.Batch, sel []int32) ([]int32, error) {
			return func(b *vec.Batch, sel []int32) ([]int32, error) {
				k := 0
				for _, i := range sel {
					if sel[k] = i; keep(b, int(i)) {
						k++
					}
				}
				return sel[:k], nil
			}
		}}
	}
	o, err := query(Source{Path: dir}, func(s *storage.Scan) {
		s.Columns = []int{2, 0, 1} // k, v, x
		s.Refine = []storage.Refine{
			refine([]int{0}, func(b *vec.Batch, i int) bool { return vec.ValueAt[int64](b.Cols[0], i) < 3 }),
			refine([]int{1, 0}, func(b *vec.Batch, i int) bool {
				return vec.ValueAt[int64](b.Cols[1], i) > 4*vec.ValueAt[int64](b.Cols[0], i)
			}),
		}
	})
	expect(t, o, err, "", "1|5|NULL", "1|9|NULL", "2|9|2")
	o, err = query(Source{Path: dir}, func(s *storage.Scan) { s.Columns = []int{} })
	if err != nil || len(o.rows) != 7 {
		t.Error(err, o.rows)
	}
	o, err = query(Source{Path: dir}, func(s *storage.Scan) { s.Limit, s.Columns = 2, []int{0} })
	if err != nil || len(o.rows) < 2 || o.rows[0] != "1" || o.rows[1] != "5" {
		t.Error(err, o.rows)
	}
}

func writeParquet(t *testing.T, path string, typ types.Type, name string, values ...string) {
	t.Helper()
	var buf bytes.Buffer
	w, err := parquet.New().Create(&buf, &storage.Env{}, []types.Field{{Name: name, Type: typ}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := vec.New(typ, len(values))
	for i, s := range values {
		if s == "" {
			v.SetNull(i)
		} else if why := kernel.ParseInto([]byte(s), typ, nil, v, i); why != "" {
			t.Fatal(why)
		}
	}
	if err := w.Write(&vec.Batch{N: len(values), Cols: []*vec.Vector{v}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestParquet(t *testing.T) {
	dir := t.TempDir()
	writeParquet(t, dir+"/a.parquet", types.TInteger, "n", "1", "2", "")
	writeParquet(t, dir+"/b.parquet", types.NewDecimal(5, 2), "N", "7.25")
	src := Source{Format: parquet.New(), Path: dir}
	o, err := query(src, nil)
	expect(t, o, err, "n DECIMAL(12,2)", "1.00", "2.00", "NULL", "7.25")
	if st := o.table.Stats(); !st.Exact || st.Rows != 4 || st.Cols[0].Nulls != 1 {
		t.Errorf("%+v", st)
	}
	src.Columns = []types.Field{{Name: "n", Type: types.TVarchar}, {Name: "m", Type: types.TDate}}
	o, err = query(src, nil)
	expect(t, o, err, "n VARCHAR, m DATE", "1|NULL", "2|NULL", "NULL|NULL", "7.25|NULL")
	writeParquet(t, dir+"/c.parquet", types.TDate, "n", "2024-01-01")
	src.Columns = nil
	if _, err = query(src, nil); err == nil || !strings.Contains(err.Error(), "a.parquet") || !strings.Contains(err.Error(), "c.parquet") {
		t.Error(err)
	}
	dir = t.TempDir()
	writeParquet(t, dir+"/a.parquet", types.TBigInt, "n", "1", "5")
	writeParquet(t, dir+"/b.parquet", types.TBigInt, "n", "10", "20")
	o, err = query(Source{Format: parquet.New(), Path: dir}, func(s *storage.Scan) {
		s.Prune = []storage.Pred{{Op: storage.Gt, Col: 0, Values: []storage.Bound{{I: 5}}}}
	})
	expect(t, o, err, "n BIGINT", "10", "20")
	if c := o.table.Stats().Cols[0]; !c.HasRange || !c.Tight || c.Min.I != 1 || c.Max.I != 20 {
		t.Errorf("%+v", c)
	}
}

func TestOneFile(t *testing.T) {
	dir := tree(t, map[string]string{"a.csv": "x\n1\n", "e.csv": "", "z/b.csv": "x\n2\n"})
	o, err := query(Source{Path: dir + "/a.csv"}, nil)
	expect(t, o, err, "x BIGINT", "1")
	o, err = query(Source{Path: dir + "/a.csv"}, func(s *storage.Scan) { s.Columns = []int{1, 0} })
	expect(t, o, err, "", dir+"/a.csv|1")
	if _, err = query(Source{Path: dir + "/e.csv"}, nil); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Error(err)
	}
	o, err = query(Source{Path: dir}, nil)
	expect(t, o, err, "x BIGINT", "1", "2")
	o, err = query(Source{Path: "{" + dir + "/z/b.csv," + dir + "/a.csv}"}, nil)
	expect(t, o, err, "", "2", "1")
}

func TestVanished(t *testing.T) {
	files := map[string]string{}
	for i := range 5 {
		files[fmt.Sprintf("f%d.csv", i)] = "x\n1\n"
	}
	dir := tree(t, files)
	_, err := query(Source{Path: dir}, func(*storage.Scan) { os.Remove(dir + "/f3.csv") })
	if err == nil || !strings.Contains(err.Error(), "f3.csv") {
		t.Error(err)
	}
	dir = tree(t, files)
	_, err = query(Source{Path: dir}, func(*storage.Scan) { os.WriteFile(dir+"/f3.csv", []byte("x\n1\n2\n"), 0o644) })
	if err == nil || !strings.Contains(err.Error(), "f3.csv has changed") {
		t.Error(err)
	}
}
