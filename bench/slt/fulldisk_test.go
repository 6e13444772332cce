package slt_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/skep-sql/skep/bench/slt"
	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

// limited is a disk with room for so many bytes.
type limited struct {
	catalog.Disk
	mu   sync.Mutex
	left int64
	size map[string]int64
}

// take takes n bytes, or as many as are left.
func (d *limited) take(path string, n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	got := int(min(int64(n), d.left))
	d.left -= int64(got)
	d.size[path] += int64(got)
	return got
}

func (d *limited) Create(path string) (catalog.File, error) {
	f, err := d.Disk.Create(path)
	return &limitedFile{f, d, path}, err
}

func (d *limited) Link(from, to string) error {
	err := d.Disk.Link(from, to)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.size[to], d.size[from] = d.size[from], 0 // the bytes go with the name that stays
	}
	return err
}

func (d *limited) Rename(from, to string) error {
	err := d.Disk.Rename(from, to)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.left += d.size[to]
		d.size[to], d.size[from] = d.size[from], 0
	}
	return err
}

func (d *limited) Remove(path string) error {
	err := d.Disk.Remove(path)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.left += d.size[path]
		delete(d.size, path)
	}
	return err
}

type limitedFile struct {
	catalog.File
	d    *limited
	path string
}

func (f *limitedFile) Write(p []byte) (int, error) {
	n := f.d.take(f.path, len(p))
	got, err := f.File.Write(p[:n])
	if err == nil && n < len(p) {
		err = &os.PathError{Op: "write", Path: f.path, Err: syscall.ENOSPC}
	}
	return got, err
}

// TestFullDisk fills a disk of 64 MiB, and sees that what does not fit is an error and changes nothing, and that VACUUM makes room. SKEP_FULL_DISK
// names a folder on a real disk of that size (make full-disk).
func TestFullDisk(t *testing.T) {
	dir, disk := os.Getenv("SKEP_FULL_DISK"), catalog.OSDisk
	if dir == "" {
		if testing.Short() {
			t.Skip("it writes 200 MiB")
		}
		dir, disk = t.TempDir(), &limited{Disk: catalog.OSDisk, left: 64 << 20, size: map[string]int64{}}
	}
	dir = filepath.Join(dir, "w")
	s := slt.NewSession(slt.Config{Dir: dir, Disk: disk, Base: dir})
	run := func(sql string) ([][]string, error) { return s.Exec(context.Background(), sql) }
	must := func(sql string) [][]string {
		t.Helper()
		rows, err := run(sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return rows
	}
	look := func() [][]string { return must("SELECT count(*), count(DISTINCT g), min(g), max(length(x)) FROM t") }
	// refused runs a statement that does not fit.
	refused := func(sql string) {
		t.Helper()
		before := look()
		_, err := run(sql)
		if err == nil || sqlerr.ClassOf(err) != sqlerr.IO || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: %v (%s)", sql, err, sqlerr.ClassOf(err))
		}
		if after := look(); !reflect.DeepEqual(before, after) {
			t.Errorf("%s: %v became %v", sql, before, after)
		}
	}
	const rows = "SELECT %s AS g, md5(CAST(random() AS VARCHAR)) || md5(CAST(random() AS VARCHAR)) AS x FROM range(300000)" // some 20 MB
	fill := func(g string) string { return strings.ReplaceAll(rows, "%s", g) }
	must("CREATE TABLE t AS " + fill("0"))
	must("CREATE TABLE u AS " + fill("0"))
	must("INSERT OVERWRITE TABLE t " + fill("1"))
	for _, sql := range []string{
		"INSERT OVERWRITE TABLE t " + fill("2"), "INSERT INTO t " + fill("2"), "UPDATE t SET g = 2", "CREATE TABLE v AS " + fill("2"), "CREATE OR REPLACE TABLE t AS " + fill("2"),
		"MERGE INTO t USING (SELECT 1 AS g) s ON t.g = s.g WHEN MATCHED THEN UPDATE SET g = 2", "ALTER TABLE t ADD COLUMN y VARCHAR DEFAULT md5(CAST(random() AS VARCHAR))",
		"INSERT INTO t SELECT * FROM u",
	} {
		refused(sql)
	}
	if os.Getenv("SKEP_FULL_DISK") != "" {
		refused("COPY (SELECT * FROM t, range(3)) TO 'copy.csv'")
		refused("COPY (SELECT * FROM t, range(3)) TO 'copies' (FORMAT csv, PARTITION_BY g)")
	}
	must("DROP TABLE u")
	must("VACUUM RETAIN 0 HOURS") // the old rows of t, and u
	must("INSERT OVERWRITE TABLE t " + fill("3"))
	must("INSERT INTO t " + fill("4"))
	if got := look(); !reflect.DeepEqual(got, [][]string{{"600000", "2", "3", "64"}}) {
		t.Error(got)
	}
	if got := must("CHECK TABLE t"); len(got) > 0 {
		t.Error(got)
	}
	must("DROP TABLE t")
	must("VACUUM RETAIN 0 HOURS")
	leftover(t, dir)
}
