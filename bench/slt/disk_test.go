package slt_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

// failing is a disk whose operation number fail goes wrong, and with full all that write after it, too.
type failing struct {
	catalog.Disk
	n, fail int
	full    bool
	removed bool // the operation that failed was to remove a file
}

func (d *failing) step(writes bool) error {
	d.n++
	switch {
	case d.n == d.fail && d.full, d.full && writes && d.fail > 0 && d.n > d.fail:
		return syscall.ENOSPC
	case d.n == d.fail:
		return syscall.EIO
	}
	return nil
}

func (d *failing) Create(path string) (catalog.File, error) {
	if err := d.step(true); err != nil {
		return nil, err
	}
	f, err := d.Disk.Create(path)
	return &failingFile{f, d}, err
}

func (d *failing) Link(from, to string) error {
	if err := d.step(true); err != nil {
		return err
	}
	return d.Disk.Link(from, to)
}

func (d *failing) Rename(from, to string) error {
	if err := d.step(true); err != nil {
		return err
	}
	return d.Disk.Rename(from, to)
}

func (d *failing) Remove(path string) error {
	if err := d.step(false); err != nil {
		d.removed = true
		return err
	}
	return d.Disk.Remove(path)
}

func (d *failing) SyncDir(path string) error {
	if err := d.step(false); err != nil {
		return err
	}
	return d.Disk.SyncDir(path)
}

type failingFile struct {
	catalog.File
	d *failing
}

func (f *failingFile) Write(p []byte) (int, error) {
	if err := f.d.step(true); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *failingFile) Sync() error {
	if err := f.d.step(false); err != nil {
		return err
	}
	return f.File.Sync()
}

// TestFailingDisk has each operation on files fail in turn, in every kind of statement that writes: the table is as before, or in the one case
// that the error says so as after, and nothing is left once VACUUM has run.
func TestFailingDisk(t *testing.T) {
	const look = "SELECT count(*), sum(a), max(b) FROM t"
	const insertOne = "INSERT INTO t VALUES (4, 'one')"
	for _, full := range []bool{false, true} {
		d := &failing{Disk: catalog.OSDisk, full: full}
		dir := t.TempDir()
		s := slt.NewSession(slt.Config{Dir: dir, Disk: d, Base: dir})
		run := func(sql string) ([][]string, error) { return s.Exec(context.Background(), sql) }
		must := func(sql string) [][]string {
			t.Helper()
			rows, err := run(sql)
			if err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			return rows
		}
		bad := filepath.Join(t.TempDir(), "bad.parquet")
		if err := os.WriteFile(bad, []byte("no Parquet"), 0o644); err != nil {
			t.Fatal(err)
		}
		must("CREATE EXTERNAL TABLE x (a INTEGER) STORED AS PARQUET LOCATION '" + bad + "'")
		failures := 0
		for _, sql := range append(slices.Clone(changes), insertOne, "REPAIR TABLE x", "REPAIR TABLE x RESTORE") {
			for n := 1; ; n++ {
				d.fail = 0
				must("CREATE OR REPLACE TABLE t (a INTEGER, b VARCHAR) ")
				must("INSERT INTO t VALUES (1, 'x'), (2, 'y')")
				for i := 1; sql == "OPTIMIZE TABLE t" && i < 3 || sql == insertOne && i < 16; i++ { // so many that INSERT puts them together
					must("INSERT INTO t VALUES (3, 'z')")
				}
				switch sql {
				case "REPAIR TABLE x":
					must("REPAIR TABLE x RESTORE")
				case "REPAIR TABLE x RESTORE":
					must("REPAIR TABLE x")
				}
				before := must(look)
				d.n, d.fail, d.removed = 0, n, false
				_, err := run(sql)
				reached := d.n >= n
				d.fail = 0
				after := must(look)
				switch {
				case err == nil:
					if reached && !d.removed { // a file that stays is VACUUM's
						t.Errorf("%s: operation %d failed and nobody noticed", sql, n)
					}
				case strings.Contains(err.Error(), "stands, but"):
				case sqlerr.ClassOf(err) != sqlerr.IO:
					t.Errorf("%s, operation %d: %v (%s)", sql, n, err, sqlerr.ClassOf(err))
				case !reflect.DeepEqual(before, after):
					t.Errorf("%s, operation %d: %v became %v", sql, n, before, after)
				}
				if err != nil {
					failures++
				}
				if !reached {
					break
				}
			}
		}
		if failures < 50 {
			t.Errorf("only %d failures", failures)
		}
		must("DROP TABLE t")
		must("DROP TABLE x")
		must("VACUUM RETAIN 0 HOURS")
		leftover(t, dir)
		t.Logf("%d failures", failures)
	}
}
