package slt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
)

// sparkRecord is a statement of a golden file of Spark's, with what Spark printed.
type sparkRecord struct {
	line   int
	sql    string
	schema string
	output string
}

// SparkSettings are the settings under which Spark's files are run: where Spark's defaults differ from ours and a setting exists.
var SparkSettings = map[string]string{"threads": "1", "default_null_order": "nulls_first_on_asc_last_on_desc", "timezone": "America/Los_Angeles"}

// sparkSet matches SET, which gives a row in Spark and none here.
var sparkSet = regexp.MustCompile(`(?i)^\s*set\s`)

// RunSpark runs a golden file of Spark's (results/X.sql.out), which holds the statements too. What differs in writing only is translated:
// "text" and 'back\slashes' of Spark's literals into ours (not in files about quoted names), our values into Hive's text form. Rows are
// compared in any order where the query itself has no ORDER BY. Numbers may differ in the last places.
func RunSpark(path string, c Config) (*Report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	quotes := !strings.Contains(path, "double-quoted-identifiers")
	s, rep := NewSession(c), &Report{}
	s.hive = true
	if err := s.sparkTables(filepath.Dir(path), string(text)); err != nil {
		return nil, err
	}
	for _, r := range parseSpark(string(text)) {
		if quotes {
			r.sql = sparkLiterals(r.sql)
		}
		s.spark(r, rep)
	}
	return rep, nil
}

// sparkTables makes those of the tables that Spark's own run makes before each file: testdata, and tenk1, whose rows are among DuckDB's files.
func (s *Session) sparkTables(dir, text string) error {
	make := []string{"CREATE TABLE testdata AS SELECT CAST(range AS INTEGER) AS key, CAST(range AS VARCHAR) AS value FROM range(1, 101)"}
	for ; filepath.Base(dir) != "spark"; dir = filepath.Dir(dir) {
		if dir == filepath.Dir(dir) {
			return fmt.Errorf("%s is in no folder of Spark's suite", dir)
		}
	}
	if rows := filepath.Join(dir, "../duckdb/data/csv/tenk.tsv.gz"); strings.Contains(text, "tenk1") {
		make = append(make, "CREATE TABLE tenk1 AS SELECT * FROM read_csv('"+strings.ReplaceAll(rows, "'", "''")+`', delim => E'\t', header => false, columns => {
			'unique1': 'INTEGER', 'unique2': 'INTEGER', 'two': 'INTEGER', 'four': 'INTEGER', 'ten': 'INTEGER', 'twenty': 'INTEGER', 'hundred': 'INTEGER', 'thousand': 'INTEGER',
			'twothousand': 'INTEGER', 'fivethous': 'INTEGER', 'tenthous': 'INTEGER', 'odd': 'INTEGER', 'even': 'INTEGER', 'stringu1': 'VARCHAR', 'stringu2': 'VARCHAR', 'string4': 'VARCHAR'})`)
	}
	for _, sql := range make {
		if _, err := s.exec(context.Background(), sql, ""); err != nil {
			return err
		}
	}
	return nil
}

func parseSpark(text string) []sparkRecord {
	var out []sparkRecord
	line := 1 + strings.Count(text[:max(strings.Index(text, "-- !query\n"), 0)], "\n")
	parts := strings.Split(text, "-- !query\n")
	for _, p := range parts[1:] {
		sql, rest, _ := strings.Cut(p, "\n-- !query schema\n")
		schema, output, _ := strings.Cut(rest, "\n-- !query output\n")
		out = append(out, sparkRecord{line + 1, sql, strings.TrimSpace(schema), strings.TrimRight(output, "\n")})
		line += 1 + strings.Count(p, "\n")
	}
	return out
}

// sparkLiterals writes Spark's string literals as ours.
func sparkLiterals(sql string) string {
	var b strings.Builder
	for i := 0; i < len(sql); {
		switch q := sql[i]; {
		case strings.HasPrefix(sql[i:], "--"):
			end := strings.IndexByte(sql[i:], '\n')
			if end < 0 {
				end = len(sql) - i
			}
			b.WriteString(sql[i : i+end])
			i += end
		case strings.HasPrefix(sql[i:], "/*"):
			end := commentEnd(sql[i:])
			b.WriteString(sql[i : i+end])
			i += end
		case q == '`':
			end := strings.IndexByte(sql[i+1:], '`') + 2
			end = max(end, 1)
			b.WriteString(sql[i : i+end])
			i += end
		case q == '\'' || q == '"':
			j, escapes := i+1, false
			raw := i > 0 && (sql[i-1] == 'r' || sql[i-1] == 'R') && (i < 2 || !wordByte(sql[i-2]))
			for j < len(sql) && sql[j] != q {
				if sql[j] == '\\' && !raw {
					escapes = true
					j++
				}
				j++
			}
			j = min(j, len(sql))
			body := strings.ReplaceAll(sql[i+1:j], "'", "''")
			if q == '\'' {
				body = sql[i+1 : j]
			}
			if raw {
				kept := strings.TrimRight(b.String(), "rR")
				b.Reset()
				b.WriteString(kept)
			}
			if escapes {
				body = strings.NewReplacer(`\%`, `\\%`, `\_`, `\\_`, `\''`, `''`).Replace(body)
				b.WriteByte('E')
			}
			b.WriteString("'" + body + "'")
			i = j + 1
		default:
			b.WriteByte(q)
			i++
		}
	}
	return b.String()
}

// commentEnd gives the length of the comment, which may hold others, that text begins with.
func commentEnd(text string) int {
	for i, open := 0, 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			open++
			i++
		case "*/":
			if open--; open == 0 {
				return i + 2
			}
			i++
		}
	}
	return len(text)
}

func wordByte(c byte) bool {
	return c == '_' || c-'0' < 10 || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// spark runs a record.
func (s *Session) spark(r sparkRecord, rep *Report) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	rows, err := s.exec(ctx, r.sql, "")
	cancel()
	fails := sparkError(r)
	query := !fails && r.schema != "struct<>" && !sparkSet.MatchString(r.sql)
	rep.Records++
	miss := func(o Outcome, detail string, class sqlerr.Class) {
		rep.Misses = append(rep.Misses, Miss{Line: r.line, Outcome: o, SQL: r.sql, Detail: detail, Class: class, Query: query})
	}
	if query {
		rep.Queries++
	}
	switch {
	case fails && err == nil:
		miss(Missed, "no error", "")
		return
	case fails:
		if c := sqlerr.ClassOf(err); !fairError(c, strings.Contains(r.output, "PARSE") || strings.HasPrefix(r.output, "org.apache.spark.sql.catalyst.parser.ParseException")) {
			miss(Failed, err.Error(), c)
			return
		}
	case err != nil:
		miss(Failed, err.Error(), sqlerr.ClassOf(err))
		return
	case query:
		if d := differSpark(r, rows); d != "" {
			miss(Wrong, d, "")
			return
		}
		rep.QueriesPassed++
	}
	rep.Passed++
}

// fairError tells whether an error of that class is a refusal of what the statement says, not of what the engine lacks. parsing: the
// other system did not parse the statement either.
func fairError(c sqlerr.Class, parsing bool) bool {
	return c != sqlerr.Unsupported && c != sqlerr.Internal && (c != sqlerr.Syntax || parsing)
}

func sparkError(r sparkRecord) bool {
	return r.schema == "struct<>" && (strings.HasPrefix(r.output, "org.apache.") || strings.HasPrefix(r.output, "java.") || strings.HasPrefix(r.output, "{\n  \"errorClass\""))
}

// ordered tells whether the query itself says in what order its rows come.
func ordered(sql string) bool {
	st, err := parser.ParseOne(sql)
	if err != nil {
		return false
	}
	q, ok := st.(*ast.Query)
	return ok && len(q.OrderBy) > 0
}

func differSpark(r sparkRecord, rows [][]string) string {
	var got []string
	for _, row := range rows {
		got = append(got, strings.Split(strings.Join(row, "\t"), "\n")...)
	}
	var want []string
	if r.output != "" || len(rows) == 1 && len(rows[0]) == 1 && rows[0][0] == "" {
		want = strings.Split(r.output, "\n")
	}
	if len(got) != len(want) {
		return strconv.Itoa(len(got)) + " rows, not " + strconv.Itoa(len(want))
	}
	if !ordered(r.sql) {
		slices.SortFunc(got, byShown)
		slices.SortFunc(want, byShown)
	}
	for i := range got {
		g, w := strings.Split(strings.TrimRight(got[i], " "), "\t"), strings.Split(strings.TrimRight(want[i], " "), "\t")
		if len(g) != len(w) {
			return "row " + strconv.Itoa(i+1) + ": " + got[i] + ", not " + want[i]
		}
		for k := range g {
			if !sameText(g[k], w[k]) && !sameInterval(g[k], w[k]) {
				return "row " + strconv.Itoa(i+1) + ": " + strconv.Quote(g[k]) + ", not " + strconv.Quote(w[k])
			}
		}
	}
	return ""
}

// byShown orders rows by their values, numbers in one way of writing.
func byShown(a, b string) int { return strings.Compare(canonical(a), canonical(b)) }

func canonical(row string) string {
	w := strings.Split(row, "\t")
	for i, v := range w {
		if x, err := strconv.ParseFloat(v, 64); err == nil {
			w[i] = strconv.FormatFloat(x, 'g', 9, 64)
		} else if t, ok := kernel.ParseInterval([]byte(v)); ok && v != "" {
			w[i] = string(hiveInterval(nil, t))
		}
	}
	return strings.Join(w, "\t")
}

// sameInterval tells whether want, in one of Spark's ways of writing intervals ('1 years 2 months', '0-0'), is the interval got.
func sameInterval(got, want string) bool {
	if want == "0-0" {
		return got == "0 00:00:00.000000000"
	}
	v, ok := kernel.ParseInterval([]byte(want))
	return ok && want != "" && (string(hiveInterval(nil, v)) == got || string(kernel.AppendInterval(nil, v)) == got)
}
