package slt_test

import (
	"path/filepath"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/skep-sql/skep/bench/slt"
)

// warehouse is the configuration whose tables are files.
const warehouse = "in a warehouse"

// configs are the settings under which every script of testdata/slt gives the same answers.
var configs = []slt.Config{
	{Name: "1 worker", Settings: map[string]string{"threads": "1"}},
	{Name: "8 workers", Settings: map[string]string{"threads": "8"}},
	{Name: "batches of 1 row", Settings: map[string]string{"threads": "2", "batch_size": "1"}},
	{Name: "batches of 3 rows", Settings: map[string]string{"threads": "3", "batch_size": "3"}},
	{Name: warehouse},
	{Name: "without optimiser", Settings: map[string]string{"threads": "2", "optimizer": "false"}},
}

// TestOwn runs testdata/slt. The scripts in files have a folder of their own, and those in warehouse have that and tables that are files.
func TestOwn(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	files, err := doublestar.FilepathGlob(filepath.Join(root, "testdata/slt/**/*.test"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d scripts in testdata/slt: %v", len(files), err)
	}
	for _, f := range files {
		for _, c := range configs {
			t.Run(filepath.Base(f)+"/"+c.Name, func(t *testing.T) {
				c.Strict, c.Base = true, root
				kind := filepath.Base(filepath.Dir(f))
				if kind != "slt" {
					c.Base = t.TempDir()
				}
				if c.Name == warehouse || kind == "warehouse" {
					c.Dir = t.TempDir()
				}
				r, err := slt.Run(f, c)
				if err != nil {
					t.Fatal(err)
				}
				if r.Records == 0 {
					t.Error("no records")
				}
				for _, m := range r.Misses {
					t.Errorf("line %d: %s\n%s", m.Line, m.Detail, m.SQL)
				}
			})
		}
	}
}
