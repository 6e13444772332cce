package catalog

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

// Analyzed is what ANALYZE TABLE found. It holds as long as the files are those that it was found in.
type Analyzed struct {
	Time  time.Time
	Rows  int64
	Print string                 // of the files
	Cols  map[string]ColumnStats // by their names in files
}

// maxListed is how many folders are looked at to see whether statistics still hold.
const maxListed = 1000

// improve puts what ANALYZE TABLE found, if it still holds, in the place of guesses.
func (a *Analyzed) improve(s *storage.Stats, cols []Column, fresh bool) *storage.Stats {
	if a == nil || !fresh {
		return s
	}
	out := *s
	if !out.Exact || out.Rows < 0 {
		out.Rows = a.Rows
	}
	out.Cols = slices.Clone(s.Cols)
	for i := range min(len(cols), len(out.Cols)) {
		k, ok := a.Cols[cols[i].StoredName()]
		if !ok {
			continue
		}
		found, c := k.stats(cols[i].Type), &out.Cols[i]
		if found.Distinct >= 0 {
			c.Distinct = found.Distinct
		}
		if c.Nulls < 0 {
			c.Nulls = found.Nulls
		}
		if !c.HasRange && found.HasRange {
			c.HasRange, c.Min, c.Max = true, found.Min, found.Max
		}
	}
	return &out
}

// print is a fingerprint of a managed table's files, which never change.
func (p *Parts) print(location string) string {
	return fmt.Sprintf("%s: %d files, %d rows, %d bytes", location, p.Len(), p.Rows(), p.Bytes())
}

// printOf is a fingerprint of files: their names, sizes and times.
func printOf(files []fs.File) string {
	files = slices.SortedFunc(slices.Values(files), func(a, b fs.File) int { return strings.Compare(a.Path, b.Path) })
	h := fnv.New64a()
	var b []byte
	for _, f := range files {
		b = append(append(b[:0], f.Path...), 0)
		b = binary.LittleEndian.AppendUint64(b, uint64(f.Size))
		b = binary.LittleEndian.AppendUint64(b, uint64(f.Time.UnixNano()))
		_, _ = h.Write(b)
	}
	return fmt.Sprintf("%d files, %016x", len(files), h.Sum64())
}

// Print is a fingerprint of a table's files as they are now.
func (c *Catalog) Print(env *storage.Env, t *Table) (string, error) {
	if t.Kind == Managed {
		return t.Parts.print(t.Location), nil
	}
	parts, err := t.All()
	if err != nil {
		return "", err
	}
	list, err := c.DataFiles(env, t, parts)
	if err != nil {
		return "", err
	}
	files := make([]fs.File, len(list))
	for i := range list {
		files[i] = list[i].file
	}
	return printOf(files), nil
}

// fresh tells whether what ANALYZE TABLE found is good for estimates: if the files are the same, or in a managed table about as many rows. Of very
// many folders it is taken to be.
func (c *Catalog) fresh(env *storage.Env, t *Table) bool {
	if t.Analyzed == nil {
		return false
	}
	if t.Kind == Managed {
		rows := t.Parts.Rows()
		return max(rows, t.Analyzed.Rows)-min(rows, t.Analyzed.Rows) <= t.Analyzed.Rows/5
	}
	if t.Parts.Len() > maxListed {
		return true
	}
	now, err := c.Print(env, t)
	return err == nil && now == t.Analyzed.Print
}

// improver gives what makes statistics of an external table's files better.
func (t *Table) improver() func([]fs.File, []storage.Column, *storage.Stats) *storage.Stats {
	if t.Analyzed == nil {
		return nil
	}
	return func(files []fs.File, schema []storage.Column, s *storage.Stats) *storage.Stats {
		var cols []Column
		for _, c := range schema {
			cols = append(cols, Column{Field: c.Field})
		}
		return t.Analyzed.improve(s, cols, printOf(files) == t.Analyzed.Print)
	}
}
