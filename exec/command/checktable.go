package command

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage"
)

// CHECK TABLE looks at every file of a table: that it is there, that it is as long as the catalog says and has its checksum, that its footer can be
// read, and where there is no checksum that every value can. REPAIR TABLE sets those aside that are not so.

// badFile is a file with a problem.
type badFile struct {
	catalog.Aside
	rows int64 // -1: unknown
}

// checkTable is CHECK TABLE, REPAIR TABLE and REPAIR TABLE … RESTORE.
func (r *run) checkTable(s *ast.CheckTable) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Table)
	if err != nil {
		return nil, err
	}
	if t.Kind == catalog.View {
		return nil, sqlerr.At(sqlerr.Bind, s.Table.Position(), "%s is a view: it has no files", t.Name)
	}
	if t.Foreign != nil {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Table.Position(), "%s lies in another system: it has no files here", t.Name)
	}
	var values []partitionValue
	if s.Partition != nil {
		if values, err = r.partitionSpec(t, s.Partition); err != nil {
			return nil, err
		}
	}
	if s.Restore {
		if s.Partition != nil {
			return nil, sqlerr.At(sqlerr.Unsupported, s.Partition.Pos, "RESTORE takes back all that was set aside")
		}
		return r.restore(t)
	}
	if r.Dry || t.Kind == catalog.Managed && r.Session.Home(t.Temp).InMemory(t) {
		return r.badFiles(t, nil), nil
	}
	bad, err := r.badFilesOf(t, values)
	if err != nil || !s.Repair || len(bad) == 0 {
		return r.badFiles(t, bad), err
	}
	var list []catalog.Aside
	for _, b := range bad {
		list = append(list, b.Aside)
	}
	own, err := t.Without(list)
	if err != nil {
		return nil, err
	}
	return r.badFiles(t, bad), r.Session.Home(t.Temp).Update(t, own, nil)
}

// restore takes back what was set aside. The keys of the table have to bear it.
func (r *run) restore(t *catalog.Table) (*Result, error) {
	var back []badFile
	for _, a := range t.Aside {
		a.Why = "taken back"
		back = append(back, badFile{a, known(&a.Part, t)})
	}
	if len(back) == 0 || r.Dry {
		return r.badFiles(t, nil), nil
	}
	home := r.Session.Home(t.Temp)
	own, parts, err := home.Restored(t)
	if err != nil {
		return nil, err
	}
	if err := home.Update(t, own, nil); err != nil {
		return nil, err
	}
	if len(own.Constraints) > 0 {
		w := r.newWrite(own)
		w.files = &partWriter{home: home, env: r.Session.Env, table: own, parts: parts}
		kept, err := home.Open(r.ctx, r.Session.Env, t)
		if err != nil {
			return nil, err
		}
		if err := w.verify(own, kept); err != nil {
			return nil, err
		}
	}
	return r.badFiles(t, back), nil
}

// nothingAside refuses a change of a table that files which are set aside would not fit afterwards.
func nothingAside(t *catalog.Table) error {
	if len(t.Aside) == 0 {
		return nil
	}
	return sqlerr.New(sqlerr.Unsupported, "table %s has files that are set aside, and would not fit afterwards", t.Name).
		WithHint("REPAIR TABLE %s RESTORE takes them back; CREATE TABLE … AS SELECT * FROM %s makes a table without them", t.Name, t.Name)
}

// known gives the rows of a file that the catalog knows, or -1.
func known(p *catalog.Part, t *catalog.Table) int64 {
	if t.Kind != catalog.Managed && p.Rows == 0 {
		return -1
	}
	return p.Rows
}

// badFilesOf looks at the files of a table.
func (r *run) badFilesOf(t *catalog.Table, values []partitionValue) ([]badFile, error) {
	home := r.Session.Home(t.Temp)
	parts, lists := t.Readable()
	var some []catalog.Part
	for i := range parts {
		ok, err := matches(t, &parts[i], values)
		if err != nil {
			return nil, err
		}
		if ok {
			some = append(some, parts[i])
		}
	}
	files, err := home.DataFiles(r.Session.Env, t, some)
	if err != nil {
		return nil, err
	}
	env := *r.Session.Env
	env.Note, env.Bad, env.Reads = nil, nil, nil
	found := make([]*badFile, len(files))
	var wg sync.WaitGroup
	gate := make(chan struct{}, max(r.threads(), 1))
	for i := range files {
		if len(values) > 0 && len(files[i].Values) < len(t.Partitions) {
			continue // it lies in none of the folders
		}
		if ok, err := matches(t, &files[i].Part, values); err != nil || !ok {
			continue
		}
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			found[i] = r.checkFile(home, &env, t, &files[i])
		})
	}
	wg.Wait()
	if err := r.ctx.Err(); err != nil {
		return nil, sqlerr.Wrap(sqlerr.Cancelled, err, "checking table %s", t.Name)
	}
	var out []badFile
	for _, l := range lists {
		out = append(out, badFile{l, l.Rows})
	}
	for _, f := range found {
		if f != nil {
			out = append(out, *f)
		}
	}
	return out, nil
}

// checkFile gives what is wrong with a file, or nil.
func (r *run) checkFile(home *catalog.Catalog, env *storage.Env, t *catalog.Table, d *catalog.DataFile) (bad *badFile) {
	rows := known(&d.Part, t)
	report := func(format string, args ...any) *badFile {
		b := &badFile{rows: rows}
		why := strings.TrimPrefix(fmt.Sprintf(format, args...), home.PartPath(&d.Part))
		b.Part, b.Why = d.Part, strings.TrimLeft(why, ",: ")
		b.Rows = max(rows, 0)
		return b
	}
	defer func() {
		if x := recover(); x != nil {
			bad = report("reading it failed: %v", x)
		}
	}()
	if d.Missing {
		return report("the file is missing")
	}
	summed := d.Sum != 0
	if t.Kind == catalog.Managed {
		size, sum, err := checksum(r.ctx, home.PartPath(&d.Part), summed)
		switch {
		case err != nil:
			return report("%s", err)
		case size != d.Bytes:
			return report("the file has %d bytes, not %d", size, d.Bytes)
		case sum != d.Sum:
			return report("its checksum is wrong")
		}
	}
	rowsOf, err := home.OpenFile(r.ctx, env, t, d)
	if err != nil {
		return report("%s", err)
	}
	st := rowsOf.Stats()
	if t.Kind == catalog.Managed && st.Exact && st.Rows != d.Rows {
		return report("the file has %d rows, not %d", st.Rows, d.Rows)
	}
	if rows < 0 && st.Exact {
		rows = st.Rows
	}
	if !summed {
		if err := readAll(r.ctx, rowsOf, env); err != nil {
			return report("%s", err)
		}
	}
	return nil
}

// checksum gives the length of a file and, if it is wanted, its CRC-32C.
func checksum(ctx context.Context, path string, wanted bool) (size int64, sum uint32, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	if !wanted {
		info, err := f.Stat()
		if err != nil {
			return 0, 0, err
		}
		return info.Size(), 0, nil
	}
	buf := make([]byte, 1<<18)
	for ctx.Err() == nil {
		n, err := f.Read(buf)
		size += int64(n)
		sum = crc32.Update(sum, castagnoli, buf[:n])
		if errors.Is(err, io.EOF) {
			return size, sum, nil
		}
		if err != nil {
			return size, sum, err
		}
	}
	return size, sum, ctx.Err()
}

// readAll reads all values of a table. That a guess of a column's type was wrong is no fault of the file.
func readAll(ctx context.Context, t storage.Table, env *storage.Env) error {
	for {
		err := readOnce(ctx, t, env)
		var again *storage.RestartError
		if !errors.As(err, &again) {
			return err
		}
		again.Apply()
	}
}

func readOnce(ctx context.Context, t storage.Table, env *storage.Env) error {
	sc := &storage.Scan{Workers: 1, Env: env}
	for i, c := range t.Schema() {
		if !c.Hidden {
			sc.Columns = append(sc.Columns, i)
		}
	}
	src, err := t.Scan(ctx, sc)
	if err != nil {
		return err
	}
	defer src.Close()
	cur, err := src.Cursor()
	if err != nil {
		return err
	}
	defer cur.Close()
	for {
		if b, err := cur.Next(ctx); b == nil || err != nil {
			return err
		}
	}
}

// shownPath gives a path below the session's folder without that.
func (r *run) shownPath(path string) string {
	if rel, err := filepath.Rel(r.Session.Env.Base, path); err == nil && filepath.IsLocal(rel) && filepath.IsAbs(path) {
		return rel
	}
	return path
}

// badFiles shows files with what is wrong with them, and how many rows they have where that is known.
func (r *run) badFiles(t *catalog.Table, list []badFile) *Result {
	file, partition, problem := vec.NewBuilder(types.TVarchar), vec.NewBuilder(types.TVarchar), vec.NewBuilder(types.TVarchar)
	rows := vec.New(types.TBigInt, len(list))
	for i, b := range list {
		file.AppendBytes([]byte(r.shownPath(b.Path)))
		if b.Values == nil {
			partition.AppendNull()
		} else {
			partition.AppendBytes([]byte(partitionName(t, b.Values)))
		}
		problem.AppendBytes([]byte(b.Why))
		if b.rows < 0 {
			rows.SetNull(i)
		} else {
			vec.Values[int64](rows)[i] = b.rows
		}
	}
	fields := []types.Field{{Name: "file", Type: types.TVarchar}, {Name: "partition", Type: types.TVarchar}, {Name: "problem", Type: types.TVarchar}, {Name: "rows", Type: types.TBigInt}}
	return &Result{Rows: exec.Static(fields, &vec.Batch{N: len(list), Cols: []*vec.Vector{file.Vector(), partition.Vector(), problem.Vector(), rows}})}
}
