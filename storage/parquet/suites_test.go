package parquet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// suite gives the folder of the public test files, or skips.
func suite(t testing.TB, sub string) string {
	root := os.Getenv("SKEP_SUITES")
	if root == "" {
		root = "../../../shared/suites"
	}
	dir := filepath.Join(root, "parquet-testing", sub)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no test suites here")
	}
	return dir
}

func openFile(t testing.TB, path string) (*table, error) {
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return open(fs.File{Path: path, Size: info.Size()}, false)
}

// allColumns is a scan of everything.
func allColumns(tab storage.Table) *storage.Scan {
	s := &storage.Scan{Workers: 1}
	for i := range tab.Schema() {
		s.Columns = append(s.Columns, i)
	}
	return s
}

// drain runs a scan in one cursor and shows each batch to f, which may be nil.
func drain(tab storage.Table, s *storage.Scan, f func(b *vec.Batch)) (rows int64, err error) {
	src, err := tab.Scan(context.Background(), s)
	if err != nil {
		return 0, err
	}
	defer src.Close()
	c, err := src.Cursor()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	for {
		b, err := c.Next(context.Background())
		if err != nil || b == nil {
			return rows, err
		}
		rows += int64(b.Rows())
		for i, v := range b.Cols {
			if err := checkVector(v, b.N); err != nil {
				return rows, sqlerr.Wrap(sqlerr.Internal, err, "column %d", i)
			}
		}
		if f != nil {
			f(b)
		}
	}
}

// checkVector holds a vector to the rules of package vec.
func checkVector(v *vec.Vector, n int) error {
	if v.Len != n {
		return errors.New("wrong length")
	}
	switch {
	case v.Form == vec.Dict:
		for _, c := range v.Codes() {
			if c < 0 || int(c) >= v.Dict.Values.Len {
				return errors.New("code out of range")
			}
		}
	case v.Phys() == types.PView:
		for i := range vec.Values[vec.View](v) {
			if v.Form == vec.Flat {
				_ = v.Bytes(i)
			}
		}
	case v.Phys() == types.PList && v.Form == vec.Flat:
		for i, e := range vec.Values[vec.ListEntry](v) {
			if !v.IsNull(i) && int(e.Off+e.Len) > v.Kids[0].Len {
				return errors.New("list runs past its elements")
			}
		}
		return checkVector(v.Kids[0], v.Kids[0].Len)
	case v.Phys() == types.PStruct && v.Form == vec.Flat:
		for _, k := range v.Kids {
			if err := checkVector(k, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestSuiteFiles(t *testing.T) {
	dir := suite(t, "data")
	ok, all := 0, 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, ".parquet") || strings.HasSuffix(path, ".json") {
			return err
		}
		if strings.HasPrefix(d.Name(), "large_") && os.Getenv("SKEP_LARGE") == "" {
			return nil // a string of 1 GiB
		}
		all++
		tab, err := openFile(t, path)
		if err == nil {
			var rows int64
			rows, err = drain(tab, allColumns(tab), nil)
			if err == nil && rows != tab.meta.rows {
				t.Errorf("%s: %d rows, %d expected", d.Name(), rows, tab.meta.rows)
			}
		}
		if err == nil {
			ok++
			return nil
		}
		t.Logf("%s: %v", d.Name(), err)
		if c := sqlerr.ClassOf(err); c != sqlerr.Unsupported && c != sqlerr.Data {
			t.Errorf("%s: class %s", d.Name(), c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d of %d read", ok, all); ok < 72 {
		t.Errorf("only %d files can be read", ok)
	}
}

func TestSuiteBadFiles(t *testing.T) {
	dir := suite(t, "bad_data")
	files, _ := filepath.Glob(filepath.Join(dir, "*.parquet"))
	for _, path := range files {
		tab, err := openFile(t, path)
		if err == nil {
			_, err = drain(tab, allColumns(tab), nil)
		}
		if err == nil || sqlerr.ClassOf(err) != sqlerr.Data {
			t.Errorf("%s: %v", filepath.Base(path), err)
		} else {
			t.Log(err)
		}
	}
}
