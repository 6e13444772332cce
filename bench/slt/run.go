package slt

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/session"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/command"
	"github.com/skep-sql/skep/exec/fn/builtin"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/mem"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/csv"
	"github.com/skep-sql/skep/storage/json"
	"github.com/skep-sql/skep/storage/parquet"
)

var formats = storage.NewRegistry(
	storage.Entry{Format: parquet.New(), Endings: []string{"parquet"}},
	storage.Entry{Format: csv.New(), Endings: []string{"csv", "tbl", "tsv"}},
	storage.Entry{Format: csv.NewText(), Aliases: []string{"text"}},
	storage.Entry{Format: json.New(), Endings: []string{"json", "ndjson", "jsonl"}, Aliases: []string{"ndjson", "jsonl"}},
)

// Formats gives the file formats of scripts that name no others.
func Formats() *storage.Registry { return formats }

// Config is how a script is run.
type Config struct {
	Name     string
	Formats  *storage.Registry // nil: Parquet and CSV
	Settings map[string]string
	Base     string       // folder that relative paths start from
	Strict   bool         // results are compared as written: tests of the project's own
	Dir      string       // folder of a warehouse; "": tables in memory
	Disk     catalog.Disk // under it; nil: the operating system's
}

// Outcome is what became of a record.
type Outcome uint8

// The outcomes: Wrong is another result than expected, Failed an error where none is expected, Missed a success where an error is.
const (
	Passed Outcome = iota
	Wrong
	Failed
	Missed
)

// Miss is a record that did not pass.
type Miss struct {
	Line    int
	Outcome Outcome
	SQL     string
	Detail  string
	Class   sqlerr.Class
	Query   bool
}

// Report is what became of a script.
type Report struct {
	Records, Passed        int
	Queries, QueriesPassed int // records that give rows (DuckDB's dialect only)
	Misses                 []Miss
}

// Run runs the script at path in a fresh session.
func Run(path string, c Config) (*Report, error) {
	recs, err := parse(path)
	if err != nil {
		return nil, err
	}
	s := NewSession(c)
	rep := &Report{}
	for i := range recs {
		m := s.record(&recs[i])
		rep.Records++
		if m == nil {
			rep.Passed++
			continue
		}
		rep.Misses = append(rep.Misses, *m)
	}
	return rep, nil
}

// Session is a session that gives results as text.
type Session struct {
	env  *command.Env
	cfg  Config
	text []byte
	hive bool // values in Hive's text form
	// changed counts the rows that the last statement without a result changed.
	changed int64
}

// NewSession opens a session on a catalog in memory.
func NewSession(c Config) *Session {
	if c.Formats == nil {
		c.Formats = formats
	}
	budget := mem.NewBudget(4 << 30)
	env := &storage.Env{Mem: budget, Workers: runtime.GOMAXPROCS(0), Base: c.Base}
	cat := catalog.NewMemory(c.Formats)
	if c.Dir != "" {
		var err error
		if c.Disk == nil {
			c.Disk = catalog.OSDisk
		}
		if cat, err = catalog.OpenWarehouseOn(c.Disk, c.Dir, c.Formats); err != nil {
			panic(err)
		}
	}
	s := session.New(cat, env)
	for k, v := range c.Settings {
		if _, err := s.Set(k, v); err != nil {
			panic(err)
		}
	}
	return &Session{env: &command.Env{Session: s, Funcs: builtin.NewRegistry(), Mem: budget, Workers: runtime.GOMAXPROCS(0)}, cfg: c}
}

// beside opens another session on the same catalog: another connection.
func (s *Session) beside() *Session {
	env := *s.env.Session.Env
	cmd := *s.env
	cmd.Session = session.New(s.env.Session.Catalog.Session(), &env)
	for _, x := range session.Settings {
		v := s.env.Session.Setting(x.Name)
		if v == x.Default {
			continue
		}
		if _, err := cmd.Session.Set(x.Name, v); err != nil {
			panic(err)
		}
	}
	return &Session{env: &cmd, cfg: s.cfg, hive: s.hive}
}

// Exec runs one statement and gives its rows as text; NULL is NULL.
func (s *Session) Exec(ctx context.Context, sql string) ([][]string, error) {
	return s.exec(ctx, sql, "")
}

// exec runs one statement and gives its rows as text.
func (s *Session) exec(ctx context.Context, sql, kinds string) (rows [][]string, err error) {
	for try := 0; ; try++ {
		if try == 0 {
			s.env.Session.StartStatement()
		}
		rows, err = s.once(ctx, sql, kinds)
		if r, ok := restart(err); ok && try < 20 {
			r.Apply()
			continue
		}
		return rows, err
	}
}

func (s *Session) once(ctx context.Context, sql, kinds string) ([][]string, error) {
	stmt, err := parser.ParseOne(sql)
	if err != nil {
		return nil, err
	}
	res, err := command.Run(ctx, s.env, sql, stmt, nil)
	if err != nil {
		return nil, err
	}
	if res.Rows == nil {
		s.changed = res.Changed
		return nil, nil
	}
	defer res.Rows.Close()
	var out [][]string
	for {
		b, err := res.Rows.Next(ctx)
		if err != nil || b == nil {
			return out, err
		}
		out = append(out, s.rows(res.Rows, b, kinds)...)
	}
}

func (s *Session) rows(r *exec.Rows, b *vec.Batch, kinds string) [][]string {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	out := make([][]string, len(sel))
	for k, i := range sel {
		row := make([]string, len(b.Cols))
		for c, v := range b.Cols {
			kind := byte('T')
			if c < len(kinds) && !s.cfg.Strict {
				kind = kinds[c]
			}
			if s.hive {
				row[c] = string(s.hiveText(nil, v, int(i), false))
			} else {
				row[c] = s.value(v, int(i), kind)
			}
		}
		out[k] = row
	}
	_ = r
	return out
}

// value shows a value as the format wants it: integers for I, three digits behind the point for R.
func (s *Session) value(v *vec.Vector, i int, kind byte) string {
	if v.IsNull(i) {
		return "NULL"
	}
	f, k := v.At(i)
	t := string(s.shown(f, k))
	switch {
	case kind == 'R' && (v.Type.IsNumeric() || v.Type.Kind == types.Varchar):
		if x, err := strconv.ParseFloat(t, 64); err == nil {
			return fmt.Sprintf("%.3f", x)
		}
	case kind == 'I' && v.Type.Kind == types.Boolean:
		if t == "true" {
			return "1"
		}
		return "0"
	case kind == 'I' && !v.Type.IsInteger():
		if x, err := strconv.ParseFloat(t, 64); err == nil {
			return strconv.FormatInt(int64(x), 10)
		}
		return "0"
	case t == "":
		return "(empty)"
	}
	return t
}

func (s *Session) record(r *record) *Miss {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rows, err := s.exec(ctx, r.sql, r.types)
	if r.wantErr {
		if err == nil {
			return &Miss{Line: r.line, Outcome: Missed, SQL: r.sql, Detail: "no error"}
		}
		if ok, bad := regexp.MatchString(r.errText, err.Error()); s.cfg.Strict && (!ok || bad != nil) {
			return &Miss{Line: r.line, Outcome: Wrong, SQL: r.sql, Detail: "error\n" + err.Error() + "\nwant\n" + r.errText}
		}
		return nil
	}
	if err != nil {
		return &Miss{Line: r.line, Outcome: Failed, SQL: r.sql, Detail: err.Error(), Class: sqlerr.ClassOf(err)}
	}
	if !r.query {
		return nil
	}
	if d := s.differ(r, rows); d != "" {
		return &Miss{Line: r.line, Outcome: Wrong, SQL: r.sql, Detail: d}
	}
	return nil
}

// differ compares the rows with what is expected: "" or how they differ.
func (s *Session) differ(r *record, rows [][]string) string {
	want := r.want
	if s.cfg.Strict {
		return differRows(r, rows)
	}
	if r.sort == "rowsort" {
		sort.Slice(rows, func(a, b int) bool { return less(rows[a], rows[b]) })
	}
	var vals []string
	for _, row := range rows {
		vals = append(vals, row...)
	}
	if r.sort == "valuesort" {
		sort.Strings(vals)
	}
	if n, sum, ok := hashed(want); ok {
		h := md5.New()
		for _, v := range vals {
			h.Write([]byte(v + "\n"))
		}
		if got := hex.EncodeToString(h.Sum(nil)); n != len(vals) || got != sum {
			return fmt.Sprintf("%d values hashing to %s, not %d to %s", len(vals), got, n, sum)
		}
		return ""
	}
	if len(vals) != len(want) {
		return fmt.Sprintf("%d values, not %d: %s", len(vals), len(want), cut(vals))
	}
	for i := range vals {
		if vals[i] != want[i] {
			return fmt.Sprintf("value %d is %q, not %q", i+1, vals[i], want[i])
		}
	}
	return ""
}

// differRows compares tab-separated lines.
func differRows(r *record, rows [][]string) string {
	var got []string
	for _, row := range rows {
		got = append(got, strings.Join(row, "\t"))
	}
	want := append([]string(nil), r.want...)
	if r.sort == "rowsort" {
		sort.Strings(got)
		sort.Strings(want)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		return "got\n" + strings.Join(got, "\n") + "\nwant\n" + strings.Join(want, "\n")
	}
	return ""
}

func less(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func cut(l []string) string {
	if len(l) > 12 {
		l = l[:12]
	}
	return strings.Join(l, " ")
}

// shown is a value as the shell shows it: an instant in the session's zone.
func (s *Session) shown(f *vec.Vector, k int) []byte {
	if f.Type.Kind == types.TimestampTZ {
		return kernel.AppendTimestampTZ(s.text[:0], vec.Values[int64](f)[k], s.env.Session.Location())
	}
	return kernel.AppendText(s.text[:0], f, k)
}
