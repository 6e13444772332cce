package slt

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
)

// duckLine is a line of a script with its number, after loops have been unrolled.
type duckLine struct {
	n    int
	text string
}

// requires are the requirements of scripts that this engine meets.
var requires = map[string]bool{
	"parquet": true, "json": true, "icu": true, "core_functions": true, "notwindows": true, "64bit": true, "vector_size": true, "longdouble": true, "ram": true,
	"no_alternative_verify": true, "noforcestorage": true, "no_force_storage": true, "skip_reload": true, "no_vector_verification": true,
}

// tuning matches what tells DuckDB to check itself or to take another path, and means nothing elsewhere.
var tuning = regexp.MustCompile(`(?i)^\s*(pragma\s+(enable_verification|disable_verification|verify_|disable_verify|enable_verify|debug_|force_|memory_limit|threads|preserve_insertion|asof_loop|disable_optimizer|enable_optimizer|(enable|disable)_checkpoint|wal_)|(re)?set\s+(session\s+|global\s+|local\s+)?(debug_|force_|disabled_optimizers|merge_join_|nested_loop_join_|enable_caching|preserve_insertion|dynamic_or_|pivot_filter|perfect_ht|threads|storage_comp|parquet_prefetch|read_ahead|immediate_tr|delim_join_as))`)

// changes matches statements that change rows.
var changes = regexp.MustCompile(`(?is)^\s*(insert|update|delete|truncate|copy|merge|with|create)\b`)

// pragma matches a PRAGMA that is a setting we have.
var pragma = regexp.MustCompile(`(?i)^\s*pragma\s+(default_null_order|timezone)\b`)

// maxLines bounds the unrolling of loops.
const maxLines = 200_000

// RunDuck runs a script in DuckDB's dialect of sqllogictest. skipped tells why a script was left out as a whole. data is the folder that
// {DATA_DIR} and the relative paths of the scripts mean, temp an empty folder for what they write.
func RunDuck(path, data, temp string, c Config) (rep *Report, skipped string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	var lines []duckLine
	for i, l := range strings.Split(string(text), "\n") {
		lines = append(lines, duckLine{i + 1, strings.TrimRight(l, "\r")})
	}
	if lines, skipped = unroll(lines, map[string]string{"{DATA_DIR}": data, "__TEST_DIR__": temp, "{TEMP_DIR}": temp, "{TEST_DIR}": temp, "__WORKING_DIRECTORY__": data + "/.."}); skipped != "" {
		return nil, skipped, nil
	}
	main := NewSession(c)
	d := &duck{s: main, conns: map[string]*Session{"": main}, rep: &Report{}, labels: map[string]string{}}
	d.run(lines)
	return d.rep, d.skipped, nil
}

// unroll puts values in for variables and writes loops out.
func unroll(lines []duckLine, vars map[string]string) ([]duckLine, string) {
	var out []duckLine
	put := func(s string) string {
		for k, v := range vars { // longer names first: ${x} holds {x}
			if k[0] == '$' {
				s = strings.ReplaceAll(s, k, v)
			}
		}
		for k, v := range vars {
			s = strings.ReplaceAll(s, k, v)
		}
		return s
	}
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		w := strings.Fields(put(l.text))
		if len(w) == 0 || w[0] != "foreach" && w[0] != "loop" {
			if len(w) > 0 && (w[0] == "concurrentloop" || w[0] == "concurrentforeach") {
				return nil, "concurrent loops"
			}
			out = append(out, duckLine{l.n, put(l.text)})
			continue
		}
		depth, end := 1, i+1
		for ; end < len(lines); end++ {
			f := strings.Fields(lines[end].text)
			if len(f) > 0 && (f[0] == "loop" || f[0] == "foreach") {
				depth++
			}
			if len(f) > 0 && f[0] == "endloop" {
				if depth--; depth == 0 {
					break
				}
			}
		}
		for _, v := range loopValues(w) {
			more := map[string]string{"${" + w[1] + "}": v, "{" + w[1] + "}": v}
			for k, x := range vars {
				more[k] = x
			}
			body, why := unroll(lines[i+1:end], more)
			if why != "" {
				return nil, why
			}
			out = append(append(out, body...), duckLine{l.n, ""})
			if len(out) > maxLines {
				return nil, "too long"
			}
		}
		i = end
	}
	return out, ""
}

var typeGroups = map[string][]string{
	"<integral>": {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger"}, "<numeric>": {"tinyint", "smallint", "integer", "bigint", "float", "double"},
	"<signed>": {"tinyint", "smallint", "integer", "bigint"}, "<alltypes>": {"bool", "integer", "bigint", "double", "varchar", "interval"},
	"<unsigned>": {"utinyint", "usmallint", "uinteger"}, "<all_types_columns>": nil, "<compression>": {"none"},
}

func loopValues(w []string) []string {
	if w[0] == "loop" && len(w) >= 4 {
		a, _ := strconv.Atoi(w[2])
		b, _ := strconv.Atoi(w[3])
		var out []string
		for ; a < b; a++ {
			out = append(out, strconv.Itoa(a))
		}
		return out
	}
	var out []string
	for _, v := range w[2:] {
		if g, ok := typeGroups[v]; ok {
			out = append(out, g...)
		} else if !strings.HasPrefix(v, "!") {
			out = append(out, v)
		}
	}
	return out
}

// duck is a script being run.
type duck struct {
	s       *Session
	conns   map[string]*Session // by the name that records have behind their kind
	rep     *Report
	labels  map[string]string
	skipped string
	mode    bool // mode skip
}

func (d *duck) run(lines []duckLine) {
	skip := false
	for i := 0; i < len(lines); i++ {
		w := strings.Fields(lines[i].text)
		if len(w) == 0 || strings.HasPrefix(w[0], "#") {
			continue
		}
		switch w[0] {
		case "require", "require-env":
			if w[0] == "require-env" || len(w) > 1 && !requires[w[1]] {
				d.skipped = strings.Join(w, " ")
				return
			}
		case "mode":
			d.mode = len(w) > 1 && w[1] == "skip"
		case "skipif":
			skip = skip || len(w) > 1 && w[1] == engine
		case "onlyif":
			skip = skip || len(w) > 1 && w[1] != engine
		case "halt":
			return
		case "load", "restart", "unzip":
			d.skipped = w[0]
			return
		case "statement", "query":
			next := i + 1
			r := record{line: lines[i].n, query: w[0] == "query", sort: "nosort"}
			next = duckBody(&r, lines, next)
			d.record(&r, w, skip || d.mode)
			i, skip = next, false
		}
	}
}

// duckBody reads a record's SQL and result.
func duckBody(r *record, lines []duckLine, i int) int {
	var sql []string
	for ; i < len(lines) && lines[i].text != "----"; i++ {
		if strings.TrimSpace(lines[i].text) == "" {
			r.sql = strings.Join(sql, "\n")
			return i
		}
		sql = append(sql, lines[i].text)
	}
	r.sql = strings.Join(sql, "\n")
	for i++; i < len(lines) && lines[i].text != ""; i++ {
		r.want = append(r.want, lines[i].text)
	}
	return i
}

func (d *duck) record(r *record, w []string, skip bool) {
	if skip || tuning.MatchString(r.sql) {
		return
	}
	r.sql = pragma.ReplaceAllString(r.sql, "SET $1")
	label := d.words(r, w)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	d.s.changed = -1
	rows, err := d.statements(ctx, r.sql)
	cancel()
	if r.query && err == nil && len(rows) == 0 && d.s.changed >= 0 && changes.MatchString(r.sql) { // DuckDB answers with the count
		rows = [][]string{{strconv.FormatInt(d.s.changed, 10)}}
	}
	kind := ""
	if len(w) > 1 {
		kind = w[1]
	}
	miss := func(o Outcome, detail string, class sqlerr.Class) {
		d.rep.Misses = append(d.rep.Misses, Miss{Line: r.line, Outcome: o, SQL: r.sql, Detail: detail, Class: class, Query: r.query})
	}
	d.rep.Records++
	if r.query {
		d.rep.Queries++
	}
	switch {
	case !r.query && kind == "maybe":
	case !r.query && kind == "error":
		if err == nil {
			miss(Missed, "no error", "")
			return
		}
		if c := sqlerr.ClassOf(err); !fairError(c, parsing(r.want)) {
			miss(Failed, err.Error(), c)
			return
		}
	case err != nil:
		miss(Failed, err.Error(), sqlerr.ClassOf(err))
		return
	case r.query:
		if why := d.differ(r, rows, label); why != "" {
			miss(Wrong, why, "")
			return
		}
		d.rep.QueriesPassed++
	}
	d.rep.Passed++
}

// words takes the words of a record's first line: how rows are sorted, the connection, a label.
func (d *duck) words(r *record, w []string) (label string) {
	name := ""
	for i, x := range w[min(2, len(w)):] {
		switch {
		case x == "rowsort" || x == "valuesort" || x == "nosort" || x == "sort":
			r.sort = x
		case i == 0:
			name = x
		case r.query:
			label = x
		}
	}
	s := d.conns[name]
	if s == nil {
		s = d.conns[""].beside()
		d.conns[name] = s
	}
	d.s = s
	return label
}

// statements runs the statements of a record and gives the rows of the last.
func (d *duck) statements(ctx context.Context, sql string) (rows [][]string, err error) {
	list, rest, _ := parser.Split(sql)
	if len(list) == 0 || len(list) == 1 && rest.Text == "" {
		return d.s.exec(ctx, sql, "")
	}
	if rest.Text != "" {
		list = append(list, rest)
	}
	for _, p := range list {
		if rows, err = d.s.exec(ctx, p.Text, ""); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// parsing tells whether DuckDB did not parse the statement either.
func parsing(want []string) bool {
	t := strings.ToLower(strings.Join(want, "\n"))
	return strings.Contains(t, "parser error") || strings.Contains(t, "syntax error")
}

func (d *duck) differ(r *record, rows [][]string, label string) string {
	if label != "" {
		text := fmt.Sprint(rows)
		if old, ok := d.labels[label]; ok && len(r.want) == 0 && old != text {
			return "another result than that of label " + label
		}
		d.labels[label] = text
		if len(r.want) == 0 {
			return ""
		}
	}
	if n, sum, ok := hashed(r.want); ok {
		return differHash(rows, r.sort, n, sum)
	}
	width := 1
	if len(rows) > 0 {
		width = len(rows[0])
	}
	var want [][]string
	if width > 1 && len(r.want) == len(rows)*width && !strings.Contains(strings.Join(r.want, ""), "\t") {
		for i := 0; i < len(r.want); i += width {
			want = append(want, r.want[i:i+width])
		}
	} else {
		for _, l := range r.want {
			want = append(want, strings.Split(l, "\t"))
		}
	}
	if len(want) != len(rows) {
		return fmt.Sprintf("%d rows, not %d", len(rows), len(want))
	}
	if r.sort != "nosort" {
		byText(rows)
		byText(want)
	}
	for i := range rows {
		if len(rows[i]) != len(want[i]) {
			return fmt.Sprintf("row %d has %d values, not %d", i+1, len(rows[i]), len(want[i]))
		}
		for k := range rows[i] {
			if !sameText(rows[i][k], want[i][k]) {
				return fmt.Sprintf("row %d, column %d: %q, not %q", i+1, k+1, rows[i][k], want[i][k])
			}
		}
	}
	return ""
}

// differHash compares the hash of all values. DuckDB prints booleans as words or as numbers, by the file: either will do.
func differHash(rows [][]string, order string, n int, sum string) string {
	if order != "nosort" {
		byText(rows)
	}
	var vals []string
	for _, row := range rows {
		vals = append(vals, row...)
	}
	if order == "valuesort" {
		sort.Strings(vals)
	}
	if len(vals) != n {
		return fmt.Sprintf("%d values, not %d", len(vals), n)
	}
	words, digits := md5.New(), md5.New()
	for _, v := range vals {
		io.WriteString(words, v+"\n")
		switch v {
		case "true":
			v = "1"
		case "false":
			v = "0"
		}
		io.WriteString(digits, v+"\n")
	}
	if got := hex.EncodeToString(words.Sum(nil)); got != sum && hex.EncodeToString(digits.Sum(nil)) != sum {
		return fmt.Sprintf("%d values hashing to %s, not to %s", n, got, sum)
	}
	return ""
}

func byText(rows [][]string) {
	sort.SliceStable(rows, func(a, b int) bool { return strings.Join(rows[a], "\t") < strings.Join(rows[b], "\t") })
}

// typeWords are the names that other systems' typeof has for our types.
var typeWords = map[string]string{
	"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ", "BLOB": "BINARY", "FLOAT": "REAL", `"NULL"`: "NULL",
	"boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "float": "REAL", "double": "DOUBLE", "string": "VARCHAR",
	"binary": "BINARY", "date": "DATE", "timestamp": "TIMESTAMP", "timestamp_ntz": "TIMESTAMP",
}

// sameText compares values as DuckDB's runner does: booleans are also 1 and 0, numbers may differ by rounding, <REGEX>: is a pattern.
func sameText(got, want string) bool {
	if got == want || strings.ReplaceAll(got, "\x00", `\0`) == want {
		return true
	}
	if p, ok := strings.CutPrefix(want, "<REGEX>:"); ok {
		re, err := regexp.Compile("(?s)^(?:" + p + ")$")
		return err == nil && re.MatchString(got)
	}
	if p, ok := strings.CutPrefix(want, "<!REGEX>:"); ok {
		re, err := regexp.Compile("(?s)^(?:" + p + ")$")
		return err == nil && !re.MatchString(got)
	}
	switch {
	case got == "true" && want == "1", got == "false" && want == "0", strings.EqualFold(got, want) && (got == "true" || got == "false"):
		return true
	}
	if t, ok := typeWords[strings.TrimRight(want, "[]")]; ok && t+want[len(strings.TrimRight(want, "[]")):] == got {
		return true
	}
	x, err1 := strconv.ParseFloat(got, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	if n := scale(want); n >= 4 && scale(got) > n && math.Abs(x-y) < math.Pow10(-n) { // the other wrote fewer digits
		return true
	}
	return x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-6*math.Max(math.Abs(x), math.Abs(y))+1e-12
}
