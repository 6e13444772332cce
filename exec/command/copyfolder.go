package command

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/bind"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/multi"
)

// COPY … TO a folder writes all files beside their places, and renames them when all are done. An error leaves the folder as it was; a crash
// between the renames leaves some of the new files, and none of the old ones removed.

// folderOptions are those of COPY … TO that make it write a folder.
type folderOptions struct {
	by        []ast.Name // PARTITION_BY
	keep      bool       // WRITE_PARTITION_COLUMNS
	limit     int64      // FILE_SIZE_BYTES; 0 = none
	pattern   string     // FILENAME_PATTERN
	ending    string     // FILE_EXTENSION
	mode      string     // APPEND, OVERWRITE, OVERWRITE_OR_IGNORE, or ""
	perThread bool       // PER_THREAD_OUTPUT: the files are a matter of their size here
}

var folderOptionNames = []string{"partition_by", "write_partition_columns", "file_size_bytes", "filename_pattern", "file_extension", "append", "overwrite", "overwrite_or_ignore", "per_thread_output"}

// folderOption reads an option, if it is one that makes COPY write a folder.
func (r *run) folderOption(to **folderOptions, o ast.Option) (bool, error) {
	name := strings.ToLower(o.Name.Text)
	if !slices.Contains(folderOptionNames, name) {
		if n := sqlerr.Nearest(name, folderOptionNames); n != "" {
			return true, sqlerr.At(sqlerr.Bind, o.Name.Pos, "unknown option %s of COPY", o.Name.Text).WithHint("did you mean %s?", strings.ToUpper(n))
		}
		return false, nil
	}
	if *to == nil {
		*to = &folderOptions{}
	}
	f := *to
	if name == "partition_by" {
		var err error
		f.by, err = columnList(o)
		return true, err
	}
	text, err := r.optionText(o)
	if err != nil {
		return true, err
	}
	on := func() bool {
		switch strings.ToLower(text) {
		case "true", "1", "on":
			return true
		case "false", "0", "off":
		default:
			err = sqlerr.At(sqlerr.Bind, o.Name.Pos, "option %s is true or false, not %s", o.Name.Text, text)
		}
		return false
	}
	switch name {
	case "write_partition_columns":
		f.keep = on()
	case "per_thread_output":
		f.perThread = on()
	case "file_size_bytes":
		if f.limit, err = session.ParseSize(text); err == nil && f.limit < 1 {
			err = sqlerr.New(sqlerr.Bind, "a file has at least a byte")
		}
	case "filename_pattern", "file_extension":
		if lit, ok := o.Value.(*ast.Literal); !ok || lit.Kind != ast.StringLit {
			return true, sqlerr.At(sqlerr.Bind, o.Name.Pos, "option %s is a text: '…'", o.Name.Text)
		}
		if text == "" || strings.ContainsAny(text, "/\\\x00") || text[0] == '_' || text[0] == '.' {
			err = sqlerr.New(sqlerr.Bind, "'%s' is no name that a file of data can have", text)
		}
		if name == "file_extension" {
			f.ending = text
		} else {
			f.pattern = text
		}
	default:
		if on() {
			if f.mode != "" {
				err = sqlerr.New(sqlerr.Bind, "of APPEND, OVERWRITE and OVERWRITE_OR_IGNORE one is enough")
			}
			f.mode = strings.ToUpper(name)
		}
	}
	return true, sqlerr.WithPos(err, o.Name.Pos)
}

// columnList reads the names of PARTITION_BY.
func columnList(o ast.Option) ([]ast.Name, error) {
	var items []ast.Expr
	switch x := o.Value.(type) {
	case *ast.Row:
		items = x.Items
	case *ast.ArrayLit:
		items = x.Items
	case nil:
	default:
		items = []ast.Expr{x}
	}
	var out []ast.Name
	for _, i := range items {
		switch x := i.(type) {
		case *ast.ColumnRef:
			if len(x.Parts) == 1 {
				out = append(out, x.Parts[0])
				continue
			}
		case *ast.Literal:
			if x.Kind == ast.StringLit {
				out = append(out, ast.Name{At: x.At, Text: x.Text})
				continue
			}
		}
		return nil, sqlerr.At(sqlerr.Bind, i.Position(), "%s takes names of columns", o.Name.Text)
	}
	if len(out) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, o.Name.Pos, "%s takes names of columns: PARTITION_BY (year, month)", o.Name.Text)
	}
	return out, nil
}

// folderWriter writes the files of a folder.
type folderWriter struct {
	*folderOptions
	*run
	dir    string
	format storage.Format
	opts   storage.Options
	fields []types.Field
	names  []string // of the partition columns

	now    *newFileWriter
	values []*string // of the open file
	done   []*newFileWriter
	next   map[string]int // by folder: the number of its next file
	made   []string       // folders
}

// copyToFolder writes the rows of a query or table to files in a folder.
func (r *run) copyToFolder(s *ast.Copy, format storage.Format, path string, opts storage.Options, f *folderOptions) (*Result, error) {
	w := &folderWriter{folderOptions: f, run: r, dir: filepath.Clean(path), format: format, opts: opts, next: map[string]int{}}
	return w.copy(copied(s), s.Target.Position())
}

// insertDirectory is Hive's INSERT OVERWRITE DIRECTORY.
func (r *run) insertDirectory(s *ast.Insert) (*Result, error) {
	d := s.Directory
	if !s.Overwrite || d.Path == "" || s.Query == nil {
		return nil, sqlerr.At(sqlerr.Syntax, d.Pos, "INSERT OVERWRITE DIRECTORY 'folder' and a query are wanted")
	}
	t := &catalog.Table{}
	if err := r.externalFormat(t, &ast.CreateTable{At: d.At, StoredAs: d.StoredAs, RowFormat: d.RowFormat, Options: d.Options}); err != nil {
		return nil, err
	}
	format, err := r.Session.Catalog.Formats().Named(t.Format)
	if err != nil {
		return nil, sqlerr.WithPos(err, d.Pos)
	}
	f := &folderOptions{mode: "OVERWRITE"}
	switch t.Format {
	case "textfile":
		f.ending = "txt"
	case "csv":
		if _, ok := t.Options["header"]; !ok {
			t.Options["header"] = storage.Option{Text: "false", Pos: sqlerr.NoPos}
		}
	}
	q := *s.Query
	q.With, q.Recursive = append(append([]ast.CTE(nil), s.With...), q.With...), s.Recursive || q.Recursive
	w := &folderWriter{folderOptions: f, run: r, dir: filepath.Clean(r.absolute(d.Path)), format: format, opts: t.Options, next: map[string]int{}}
	return w.copy(&q, d.Pos)
}

// copy writes the rows of a query.
func (w *folderWriter) copy(q *ast.Query, pos int) (*Result, error) {
	env := w.planEnv()
	b := env.Binder(w.ctx)
	n, err := b.Query(q)
	if err != nil {
		return nil, err
	}
	if n, err = w.arrange(b, n); err != nil {
		return nil, err
	}
	p, err := planner.Finish(env, b, n)
	if err != nil || w.Dry {
		return &Result{}, err
	}
	if err := w.prepare(pos); err != nil {
		return nil, err
	}
	res := &Result{}
	sink := &op.TableWriter{Ordered: true, Write: func(b *vec.Batch) error {
		res.Changed += int64(b.Rows())
		return byValues(b, len(w.fields), w.write)
	}}
	for _, c := range p.Physical.Cols() {
		sink.Types = append(sink.Types, c.Type)
	}
	if err = exec.Drain(w.task(), p.Physical, sink, nil); err == nil {
		err = w.finish()
	}
	if err != nil {
		w.discard()
		return nil, err
	}
	return res, nil
}

// arrange puts the partition columns last, and the rows in their order.
func (w *folderWriter) arrange(b *bind.Binder, n logical.Node) (logical.Node, error) {
	cols := n.Cols()
	last := map[int]bool{}
	var order []int
	for _, name := range w.by {
		k := slices.IndexFunc(cols, func(c logical.Col) bool { return strings.EqualFold(c.Name, name.Text) })
		if k < 0 {
			return nil, sqlerr.At(sqlerr.NotFound, name.Pos, "there is no column %s to partition by", name.Text).WithHint("%s", sqlerr.DidYouMean(name.Text, colNames(cols)))
		}
		if last[k] {
			return nil, sqlerr.At(sqlerr.Bind, name.Pos, "column %s is named twice", name.Text)
		}
		last[k], order = true, append(order, k)
		w.names = append(w.names, cols[k].Name)
	}
	out := &logical.Project{Input: n}
	take := func(k int) {
		out.Out, out.Values = append(out.Out, b.NewCol(cols[k].Name, cols[k].Type)), append(out.Values, cols[k].Ref())
	}
	for k, c := range cols {
		if !last[k] || w.keep {
			w.fields = append(w.fields, types.Field{Name: c.Name, Type: c.Type})
			take(k)
		}
	}
	if len(w.fields) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, w.by[0].Pos, "no column is left to write").WithHint("WRITE_PARTITION_COLUMNS writes those of PARTITION_BY, too")
	}
	for _, k := range order {
		take(k)
	}
	if len(order) == 0 {
		return out, nil
	}
	sorted := &logical.Sort{Input: out}
	for _, c := range out.Out[len(w.fields):] {
		sorted.Keys = append(sorted.Keys, expr.SortKey{Expr: c.Ref(), NullsFirst: true})
	}
	return sorted, nil
}

func colNames(cols []logical.Col) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.Name)
	}
	return out
}

// prepare sees that the folder may be written to, and makes it.
func (w *folderWriter) prepare(pos int) error {
	entries, err := os.ReadDir(w.dir)
	switch {
	case err == nil && len(entries) > 0 && w.mode == "":
		return sqlerr.At(sqlerr.Exists, pos, "folder %s is not empty", w.dir).
			WithHint("APPEND adds files, OVERWRITE_OR_IGNORE replaces those of the same names, OVERWRITE removes those of the same ending")
	case err != nil && !os.IsNotExist(err):
		return sqlerr.WithPos(sqlerr.Wrap(sqlerr.IO, err, "cannot write folder %s", w.dir), pos)
	}
	if w.ending == "" {
		w.ending = w.format.Name()
		if codec, ok := w.opts["compression"]; ok && w.format.Name() != "parquet" {
			w.ending += map[string]string{"gzip": ".gz", "zstd": ".zst"}[strings.ToLower(codec.Text)]
		}
	}
	if w.pattern == "" {
		if w.pattern = "data_{i}"; w.mode == "APPEND" {
			w.pattern = "{uuid}"
		}
	} else if !strings.Contains(w.pattern, "{i}") && !strings.Contains(w.pattern, "{uuid}") {
		w.pattern += "{i}"
	}
	return w.folder(w.dir)
}

// folder makes a folder and those above it, and remembers which were not there.
func (w *folderWriter) folder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := w.folder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot write folder %s", path)
	}
	w.made = append(w.made, path)
	return nil
}

// write adds rows of one partition.
func (w *folderWriter) write(values []*string, b *vec.Batch) error {
	if w.now != nil && (!sameValues(w.values, values) || w.limit > 0 && w.now.size() >= w.limit) {
		if err := w.end(); err != nil {
			return err
		}
	}
	if w.now == nil {
		if err := w.begin(values); err != nil {
			return err
		}
	}
	return w.now.w.Write(b)
}

// begin starts a file of a partition.
func (w *folderWriter) begin(values []*string) error {
	dir := w.dir
	for i, v := range values {
		_, value, _ := strings.Cut(multi.Folder("", v), "=")
		dir = filepath.Join(dir, multi.EscapeFolder(w.names[i])+"="+value)
	}
	if err := w.folder(dir); err != nil {
		return err
	}
	for {
		i := w.next[dir]
		w.next[dir]++
		name := strings.ReplaceAll(strings.ReplaceAll(w.pattern, "{i}", strconv.Itoa(i)), "{uuid}", uuid())
		path := filepath.Join(dir, name+"."+w.ending)
		if w.mode == "APPEND" {
			if _, err := os.Lstat(path); err == nil {
				continue
			}
		}
		var err error
		w.values = values
		w.now, err = newFile(path, w.format, w.Session.Env, w.fields, w.opts)
		return err
	}
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// end finishes the open file.
func (w *folderWriter) end() error {
	w.done = append(w.done, w.now)
	err := w.now.finish()
	w.now = nil
	return err
}

// finish finishes the last file, puts all into their places, and with OVERWRITE removes what was there before.
func (w *folderWriter) finish() error {
	if w.now == nil && len(w.done) == 0 && len(w.by) == 0 { // a file with columns and without rows
		if err := w.begin(nil); err != nil {
			return err
		}
	}
	if w.now != nil {
		if err := w.end(); err != nil {
			return err
		}
	}
	var old []fs.File
	if w.mode == "OVERWRITE" {
		var err error
		if old, err = fs.Below(w.dir); err != nil {
			return err
		}
	}
	written := map[string]bool{}
	for _, f := range w.done {
		if err := f.place(); err != nil {
			return err
		}
		written[f.path] = true
	}
	w.done, w.made = nil, nil
	for _, f := range old {
		if written[f.Path] || !strings.HasSuffix(f.Path, "."+w.ending) {
			continue
		}
		if err := os.Remove(f.Path); err != nil {
			return sqlerr.Wrap(sqlerr.IO, err, "the new files are there, but %s could not be removed", f.Path)
		}
		for dir := filepath.Dir(f.Path); dir != w.dir && os.Remove(dir) == nil; dir = filepath.Dir(dir) { // folders that are empty now
		}
	}
	return nil
}

// discard removes what was written, and the folders that were made for it.
func (w *folderWriter) discard() {
	if w.now != nil {
		w.now.abort()
	}
	for _, f := range w.done {
		f.abort()
	}
	for _, dir := range slices.Backward(w.made) {
		_ = os.Remove(dir)
	}
}
