package slt_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

// errPower is the error of everything after the power has failed.
var errPower = errors.New("no power")

// power is a disk that keeps in mind what was not flushed: when the power fails, that may be lost. After operation number cut nothing works; the
// flush that is operation number lie does nothing, and says that it did.
type power struct {
	catalog.Disk
	n, cut, lie int
	lied        bool
	files       map[string]int64 // bytes of new files that are on the disk for sure
	names       []name           // names that are not
}

// name is a new name in a folder; undo takes it back.
type name struct {
	path string
	undo func() error
}

func (d *power) step() error {
	if d.n++; d.cut > 0 && d.n > d.cut {
		return errPower
	}
	return nil
}

func (d *power) Create(path string) (catalog.File, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	f, err := d.Disk.Create(path)
	if err == nil {
		d.files[path] = 0
		d.names = append(d.names, name{path, func() error { return os.Remove(path) }})
	}
	return &powerFile{f, d, path, 0}, err
}

func (d *power) Link(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	err := d.Disk.Link(from, to)
	if err == nil {
		if n, ok := d.files[from]; ok {
			d.files[to] = n
		}
		d.names = append(d.names, name{to, func() error { return os.Remove(to) }})
	}
	return err
}

func (d *power) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	old, err := os.ReadFile(to)
	if err != nil {
		return err
	}
	if err := d.Disk.Rename(from, to); err != nil {
		return err
	}
	d.names = append(d.names, name{to, func() error { return os.WriteFile(to, old, 0o644) }})
	return nil
}

func (d *power) Remove(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.Disk.Remove(path)
}

func (d *power) SyncDir(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	if d.n == d.lie {
		d.lied = true
		return nil
	}
	var left []name
	for _, n := range d.names {
		if filepath.Dir(n.path) != path {
			left = append(left, n)
		}
	}
	d.names = left
	return nil
}

type powerFile struct {
	catalog.File
	d    *power
	path string
	n    int64
}

func (f *powerFile) Write(p []byte) (int, error) {
	if err := f.d.step(); err != nil {
		return 0, err
	}
	n, err := f.File.Write(p)
	f.n += int64(n)
	return n, err
}

func (f *powerFile) Sync() error {
	if err := f.d.step(); err != nil {
		return err
	}
	if f.d.n == f.d.lie {
		f.d.lied = true
		return nil
	}
	f.d.files[f.path] = f.n
	return nil
}

// fail loses what was not flushed: all of it, or by chance some.
func (d *power) fail(some bool) error {
	lose := func() bool { return !some || rand.IntN(2) == 0 }
	for path, n := range d.files {
		info, err := os.Stat(path)
		if err != nil || info.Size() <= n || !lose() {
			continue // it was removed, or is whole
		}
		if err := os.Truncate(path, n); err != nil {
			return err
		}
	}
	for i := len(d.names) - 1; i >= 0; i-- {
		if n := d.names[i]; lose() {
			if err := n.undo(); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	return nil
}

// changes are statements of every kind that writes.
var changes = []string{
	"INSERT INTO t SELECT range, 'new' FROM range(1000)", "INSERT OVERWRITE TABLE t SELECT 7, 'over'", "UPDATE t SET b = 'changed'", "UPDATE t SET b = 'changed' WHERE a = 1",
	"DELETE FROM t WHERE a = 1", "CREATE OR REPLACE TABLE t AS SELECT 1 AS a, 'replaced' AS b", "ALTER TABLE t ADD COLUMN c INTEGER", "ALTER TABLE t ALTER COLUMN a TYPE BIGINT", "TRUNCATE t",
	"MERGE INTO t USING (SELECT 1 AS a) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 'merged' WHEN NOT MATCHED THEN INSERT VALUES (s.a, 'm')",
	"OPTIMIZE TABLE t", "ANALYZE TABLE t", "VACUUM RETAIN 0 HOURS",
}

// session opens a warehouse on a disk.
func openOn(d catalog.Disk, dir string) *slt.Session {
	return slt.NewSession(slt.Config{Dir: dir, Disk: d, Base: dir})
}

// prepared makes a table of two files, and gives what it has.
func prepared(t *testing.T, dir string) [][]string {
	t.Helper()
	s := openOn(nil, dir)
	for _, sql := range []string{"CREATE OR REPLACE TABLE t (a INTEGER, b VARCHAR)", "INSERT INTO t VALUES (1, 'x'), (2, 'y')", "INSERT INTO t VALUES (3, 'z')"} {
		if _, err := s.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return looked(t, dir)
}

const lookAt = "SELECT count(*), sum(a), max(b) FROM t"

func looked(t *testing.T, dir string) [][]string {
	t.Helper()
	rows, err := openOn(nil, dir).Exec(context.Background(), lookAt)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestPowerFailure has the power fail after each operation on files in turn, in every kind of statement, and what was not flushed be lost: the
// table is as before or as after, and as after if the statement had ended.
func TestPowerFailure(t *testing.T) {
	dir := t.TempDir()
	failures := 0
	for _, sql := range changes {
		prepared(t, dir)
		if _, err := openOn(nil, dir).Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		want := looked(t, dir)
		for cut, reached := 1, true; reached; cut++ {
			for _, some := range []bool{false, true} {
				before := prepared(t, dir)
				d := &power{Disk: catalog.OSDisk, cut: cut, files: map[string]int64{}}
				_, err := openOn(d, dir).Exec(context.Background(), sql)
				reached = d.n > cut
				if err := d.fail(some); err != nil {
					t.Fatal(err)
				}
				after := looked(t, dir)
				switch {
				case err == nil && !reflect.DeepEqual(after, want):
					t.Errorf("%s, power until operation %d: it had ended, but %v is left", sql, cut, after)
				case !reflect.DeepEqual(after, before) && !reflect.DeepEqual(after, want):
					t.Errorf("%s, power until operation %d: %v became %v", sql, cut, before, after)
				}
				if rows, err := openOn(nil, dir).Exec(context.Background(), "CHECK TABLE t"); err != nil || len(rows) > 0 {
					t.Errorf("%s, power until operation %d: %v, %v", sql, cut, rows, err)
				}
				if err != nil {
					failures++
				}
			}
		}
	}
	if failures < 100 {
		t.Errorf("only %d failures", failures)
	}
	t.Logf("%d failures", failures)
	s := openOn(nil, dir)
	for _, sql := range []string{"DROP TABLE t", "VACUUM RETAIN 0 HOURS"} {
		if _, err := s.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	leftover(t, dir)
}

// leftover reports files that no version needs.
func leftover(t *testing.T, dir string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err == nil && !e.IsDir() && (filepath.Dir(rel) != filepath.Join("_skep", "v") || filepath.Ext(rel) != ".json") {
			t.Errorf("%s is left", rel)
		}
		return err
	})
}

// TestLostFlush has a flush do nothing, and the power fail after the statement: the table is as before or after, or an error says that something is
// damaged. No rows are wrong.
func TestLostFlush(t *testing.T) {
	outcomes := map[string]int{}
	for _, sql := range changes {
		dir := t.TempDir()
		prepared(t, dir)
		if _, err := openOn(nil, dir).Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
		want := looked(t, dir)
		for lie, lied := 1, true; lied || lie < 30; lie++ {
			dir := t.TempDir() // an error may be all that is left of it
			before := prepared(t, dir)
			d := &power{Disk: catalog.OSDisk, lie: lie, files: map[string]int64{}}
			if _, err := openOn(d, dir).Exec(context.Background(), sql); err != nil {
				t.Errorf("%s, flush %d: %v", sql, lie, err)
			}
			if lied = d.lied; !lied {
				continue
			}
			if err := d.fail(false); err != nil {
				t.Fatal(err)
			}
			rows, err := look(dir)
			switch class := sqlerr.ClassOf(err); {
			case err == nil && reflect.DeepEqual(rows, before):
				outcomes["as before"]++
			case err == nil && reflect.DeepEqual(rows, want):
				outcomes["as after"]++
			case err == nil:
				t.Errorf("%s, flush %d: %v became %v", sql, lie, before, rows)
			case class == sqlerr.Data || class == sqlerr.NotFound:
				outcomes["error of class "+string(class)]++
			default:
				t.Errorf("%s, flush %d: %v", sql, lie, err)
			}
		}
	}
	t.Log(outcomes)
	if outcomes["as before"] == 0 || outcomes["error of class data"] == 0 {
		t.Error("no flush was lost")
	}
}

// look opens a warehouse, which may be damaged, and looks at the table.
func look(dir string) (rows [][]string, err error) {
	if _, err := catalog.OpenWarehouse(dir, slt.Formats()); err != nil {
		return nil, err
	}
	return openOn(nil, dir).Exec(context.Background(), lookAt)
}
