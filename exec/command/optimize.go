package command

import (
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage"
)

// Small files are put together by OPTIMIZE TABLE, and by INSERT where it finds many. The rows stay the same, in the same order; the old files
// go with the versions that need them.

const (
	// defaultTarget is the size up to which OPTIMIZE puts files together.
	defaultTarget = 128 << 20
	// smallFile is the size from which INSERT leaves a file alone.
	smallFile = 4 << 20
	// manyFiles is how many small files of about the same number of rows are too many. The file that they become has as many times more rows, so that
	// a row is written anew once for each power of manyFiles.
	manyFiles = 16
)

// compaction is what puts files together: new ones in the place of old ones.
type compaction struct {
	gone, add []catalog.Part
}

// on gives the parts of a table with the new files in the place of the old ones; false: these are not all there.
func (c *compaction) on(t *catalog.Table) (catalog.Parts, bool, error) {
	if c == nil || len(c.gone) == 0 {
		return t.Parts, true, nil
	}
	return t.Swap(c.gone, c.add)
}

// join writes the rows of some files of one partition to a new one.
func (c *compaction) join(r *run, t *catalog.Table, files []catalog.Part) error {
	rows, err := r.Session.Home(t.Temp).OpenFiles(r.ctx, r.Session.Env, t, files)
	if err != nil {
		return err
	}
	w := r.newWrite(t)
	w.beside = files[0].Path
	err = r.overlay(map[string]storage.Table{touchedRows: rows}, func() error {
		p, err := r.plan(`SELECT * FROM "` + touchedRows + `"`)
		if err != nil {
			return err
		}
		return w.fill(p.Physical)
	})
	if err != nil {
		return err
	}
	c.gone, c.add = append(c.gone, files...), append(c.add, w.files.parts...)
	return nil
}

// discard removes the new files.
func (c *compaction) discard(home *catalog.Catalog) {
	for i := range c.add {
		_ = home.Disk().Remove(home.PartPath(&c.add[i]))
	}
}

// optimize is OPTIMIZE TABLE: it puts small files together, those of each partition by themselves.
func (r *run) optimize(s *ast.Optimize) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Table)
	if err != nil {
		return nil, err
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Table.Position(), "%s is %s: only managed tables can be optimized", t.Name, kindWord(t)).
			WithHint("CREATE TABLE … AS SELECT * FROM %s makes a managed table of it", t.Name)
	}
	target, err := r.targetSize(s.Options)
	if err != nil {
		return nil, err
	}
	var values []partitionValue
	if s.Partition != nil {
		if values, err = r.partitionSpec(t, s.Partition); err != nil {
			return nil, err
		}
	}
	home := r.Session.Home(t.Temp)
	var some []catalog.Part
	if !home.InMemory(t) && !r.Dry {
		if some, err = partsOf(t, values); err != nil {
			return nil, err
		}
	}
	c := &compaction{}
	for _, files := range joinable(some, target) {
		if err := c.join(r, t, files); err != nil {
			c.discard(home)
			return nil, err
		}
	}
	if len(c.gone) > 0 {
		own := *t
		if own.Parts, _, err = c.on(t); err != nil {
			return nil, err
		}
		err = home.Update(t, &own, func(now *catalog.Table) (*catalog.Table, error) { return c.onTop(t, now) })
	}
	before, after := size(some), size(some)-size(c.gone)+size(c.add)
	rows := [][]string{{strconv.Itoa(len(some)), strconv.Itoa(len(some) - len(c.gone) + len(c.add)), strconv.FormatInt(before, 10), strconv.FormatInt(after, 10)}}
	return table([]string{"files_before", "files_after", "bytes_before", "bytes_after"}, rows), err
}

// onTop does the same to a table that others have changed meanwhile, if it still has the files and the columns.
func (c *compaction) onTop(was, now *catalog.Table) (*catalog.Table, error) {
	if now.Kind != was.Kind || !slices.EqualFunc(now.AllColumns(), was.AllColumns(), sameColumn) {
		return nil, nil
	}
	t := *now
	parts, ok, err := c.on(now)
	if err != nil || !ok {
		return nil, err
	}
	t.Parts = parts
	return &t, nil
}

// partsOf gives the parts with some values of the partition columns.
func partsOf(t *catalog.Table, values []partitionValue) ([]catalog.Part, error) {
	all, err := t.All()
	if err != nil || len(values) == 0 {
		return all, err
	}
	var out []catalog.Part
	for i := range all {
		ok, err := matches(t, &all[i], values)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// targetSize reads the options of OPTIMIZE.
func (r *run) targetSize(opts []ast.Option) (int64, error) {
	target := int64(defaultTarget)
	for _, o := range opts {
		if !strings.EqualFold(o.Name.Text, "target_size") {
			return 0, sqlerr.At(sqlerr.Bind, o.Name.Pos, "unknown option %s of OPTIMIZE", o.Name.Text).WithHint("OPTIMIZE TABLE t (TARGET_SIZE '128MB')")
		}
		text, err := r.optionText(o)
		if err != nil {
			return 0, err
		}
		if target, err = session.ParseSize(text); err != nil {
			return 0, sqlerr.WithPos(err, o.Name.Pos)
		}
		if target < 1 {
			return 0, sqlerr.At(sqlerr.Bind, o.Name.Pos, "a file has at least a byte")
		}
	}
	return target, nil
}

// joinable groups files that follow each other in one partition and are no larger together than target.
func joinable(files []catalog.Part, target int64) [][]catalog.Part {
	var out [][]catalog.Part
	from, sum := 0, int64(0)
	for i := range files {
		if i > from && (!sameValues(files[from].Values, files[i].Values) || sum+files[i].Bytes > target) {
			if i-from > 1 {
				out = append(out, files[from:i])
			}
			from, sum = i, 0
		}
		sum += files[i].Bytes
	}
	if len(files)-from > 1 {
		out = append(out, files[from:])
	}
	return out
}

func size(files []catalog.Part) int64 {
	n := int64(0)
	for i := range files {
		n += files[i].Bytes
	}
	return n
}

// tidied puts the last files of the partitions that were written to together where many are small. A file that cannot be read stays where it is.
func (w *tableWrite) tidied() (*compaction, error) {
	old, err := w.table.In(w.files.parts)
	if err != nil || len(old) < manyFiles {
		return nil, err
	}
	written := map[string]bool{}
	for i := range w.files.parts {
		written[partitionName(w.table, w.files.parts[i].Values)] = true
	}
	c := &compaction{}
	for from := 0; from < len(old); {
		to := from + 1
		for to < len(old) && sameValues(old[from].Values, old[to].Values) {
			to++
		}
		files := tooMany(old[from:to])
		if files != nil && written[partitionName(w.table, files[0].Values)] {
			err := c.join(w.run, w.table, files)
			if class := sqlerr.ClassOf(err); class == sqlerr.Data || class == sqlerr.NotFound {
				w.Session.Env.Notef("the small files of table " + w.table.Name + " stay as they are: " + err.Error())
			} else if err != nil {
				c.discard(w.home)
				return nil, err
			}
		}
		from = to
	}
	return c, nil
}

// tooMany gives the files at the end of a partition that are small and many: manyFiles with rows from one power of manyFiles to the next, and
// those between them that have fewer.
func tooMany(files []catalog.Part) []catalog.Part {
	from := len(files)
	for rows := int64(1); from > 0 && files[from-1].Bytes < smallFile; rows *= manyFiles {
		n := 0
		for from > 0 && files[from-1].Rows < rows*manyFiles && files[from-1].Bytes < smallFile {
			if from--; files[from].Rows >= rows {
				n++
			}
		}
		if n >= manyFiles {
			return files[from:]
		}
	}
	return nil
}
