// Command compare runs TPC-H, and the sets of bench/sets, on skep and on DuckDB, side by side: the same files, the same machine, each system
// in a process of its own that lives through one part's run, the same number of threads and the same memory limit. Every query runs once
// for its answer, which must be the same on both sides, and then some times in turns; the best time of each counts. bench/RESULTS.md gets the
// tables.
//
//	go run ./bench/compare                     all of it
//	go run ./bench/compare -quick              TPC-H on Parquet alone
//	go run ./bench/compare -parts groups,joins some parts
//	go run ./bench/compare -runs 0 -parts csv  only the answers, no times
//	go run ./bench/compare -peers polars,chdb  other systems besides
//
// What it needs beside Go — DuckDB and the generator of the data — it installs into a virtual environment of Python's in its cache folder.
// The queries are those of the TPC-H suite, found through SKEP_SUITES or at ../shared/suites.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/bench/sets"
	"github.com/skep-sql/skep/bench/tpch"
)

// allParts are the parts of a whole run.
const allParts = "parquet,csv,groups,joins,visits"

type options struct {
	quick   bool
	parts   string
	sf      string
	rows    int
	runs    int
	threads int
	memory  string
	cache   string
	suites  string
	out     string
	peers   string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		worker()
		return
	}
	cache, _ := os.UserCacheDir()
	o := options{}
	flag.BoolVar(&o.quick, "quick", false, "TPC-H on Parquet alone")
	flag.StringVar(&o.parts, "parts", allParts, "what to run: parquet and csv are TPC-H's")
	flag.IntVar(&o.rows, "rows", 10_000_000, "rows of the sets that are generated")
	flag.StringVar(&o.sf, "sf", "1", "scale factor")
	flag.IntVar(&o.runs, "runs", 3, "timed runs of each query on each system; 0 = answers alone are compared, and no file is written")
	flag.IntVar(&o.threads, "threads", min(2, runtime.NumCPU()), "threads of each system")
	flag.StringVar(&o.memory, "memory", "4GB", "memory limit of each system")
	flag.StringVar(&o.cache, "cache", filepath.Join(cache, "skep-bench"), "where the data and the virtual environment are kept")
	flag.StringVar(&o.suites, "suites", suites(), "folder of the suites")
	flag.StringVar(&o.out, "out", "bench/RESULTS.md", "the file to write")
	flag.StringVar(&o.peers, "peers", "", "other systems to run, besides: polars,datafusion,chdb")
	flag.Parse()
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// suites finds the folder of the suites.
func suites() string {
	if d := os.Getenv("SKEP_SUITES"); d != "" {
		return d
	}
	return "../shared/suites"
}

// measure is what one query took on one system.
type measure struct {
	ms, cpuMS float64 // of the best run
	peakKB    int64   // of the worst run
}

// row is one query on both systems.
type row struct {
	query      string
	skep, duck measure
	answer     [][]string // DuckDB's rows, where they were compared one by one
}

// part is a part of the run: tables and queries over them.
type part struct {
	title   string
	stmts   func(system string) []string // that make the tables
	queries []query
	tpch    bool
	files   []file // the tables, for peers
	peers   []*peerTimes
}

// query is one to measure. Those of sets fill a table, whose rows are compared afterwards.
type query struct {
	name, sql string
	table     bool
	loose     bool
}

func run(o *options) error {
	if o.quick {
		o.parts = "parquet"
	}
	python, err := setup(o)
	if err != nil {
		return err
	}
	r := &report{options: o, date: time.Now().UTC()}
	for _, name := range strings.Split(o.parts, ",") {
		p, err := o.part(name)
		if err != nil {
			return err
		}
		rows, err := side(o, r, python, p)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var answers [][][]string
		for _, x := range rows {
			answers = append(answers, x.answer)
		}
		for _, peer := range strings.FieldsFunc(o.peers, func(r rune) bool { return r == ',' }) {
			t, err := o.peer(python, peer, p, answers)
			if err != nil {
				return err
			}
			p.peers = append(p.peers, t)
		}
		r.parts, r.results = append(r.parts, p), append(r.results, rows)
	}
	if o.runs == 0 {
		return nil
	}
	return r.write()
}

// part gives a part by name.
func (o *options) part(name string) (*part, error) {
	switch name {
	case "parquet", "csv":
		p := &part{title: map[string]string{"parquet": "TPC-H, Parquet", "csv": "TPC-H, CSV"}[name] + ", scale factor " + o.sf, tpch: true}
		p.stmts = func(system string) []string { return tpchTables(o, system, name) }
		p.files = o.tpchFiles(tpch.Tables, name)
		list, err := readQueries(o.suites)
		for i, sql := range list {
			p.queries = append(p.queries, query{name: fmt.Sprint("Q", i+1), sql: sql})
		}
		return p, err
	}
	for _, s := range sets.All(o.rows) {
		if s.Name != name {
			continue
		}
		p := &part{title: s.Title, stmts: func(system string) []string { return setTables(o, &s, system) }}
		for _, t := range s.Tables {
			p.files = append(p.files, file{t.Name, filepath.Join(o.setDir(&s), t.Name, "*.parquet"), "parquet"})
		}
		for _, q := range s.Queries {
			p.queries = append(p.queries, query{name: q.Name, sql: q.SQL, table: true, loose: q.Loose})
		}
		return p, nil
	}
	return nil, fmt.Errorf("there is no part %s: parquet, csv, groups, joins and visits are", name)
}

func readQueries(dir string) ([]string, error) {
	var out []string
	for q := 1; q <= 22; q++ {
		text, err := os.ReadFile(filepath.Join(dir, "tpch/queries", fmt.Sprintf("q%02d.sql", q)))
		if err != nil {
			return nil, fmt.Errorf("the queries of TPC-H: %w (SKEP_SUITES names the folder of the suites)", err)
		}
		out = append(out, string(text))
	}
	return out, nil
}

// side runs all queries of a part on both systems.
func side(o *options, r *report, python string, p *part) (rows []row, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	skep, err := start(self, "worker")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, skep.stop()) }()
	duck, err := start(python, "-c", duckWorker)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, duck.stop()) }()
	if err := prepare(o, p, "skep", skep); err != nil {
		return nil, err
	}
	if err := prepare(o, p, "DuckDB", duck); err != nil {
		return nil, err
	}
	a, err := duck.ask("SELECT version()", true)
	if err != nil {
		return nil, err
	}
	r.duckVersion = a.Rows[0][0]
	for _, q := range p.queries {
		x, err := q.run(o, skep, duck)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		if o.runs > 0 {
			fmt.Fprintf(os.Stderr, "%-20s skep %6.0f ms  DuckDB %6.0f ms  %.2f\n", q.name, x.skep.ms, x.duck.ms, x.skep.ms/x.duck.ms)
			rows = append(rows, *x)
		}
	}
	fmt.Fprintf(os.Stderr, "%s: all %d answers agree\n", p.title, len(p.queries))
	return rows, nil
}

// run compares the answers to a query, then measures.
func (q *query) run(o *options, skep, duck *process) (*row, error) {
	sql := q.sql
	if q.table {
		sql = "CREATE OR REPLACE TEMP TABLE answer AS " + sql
	}
	a, err := skep.ask(sql, !q.table)
	if err != nil {
		return nil, fmt.Errorf("skep: %w", err)
	}
	b, err := duck.ask(sql, !q.table)
	if err != nil {
		return nil, fmt.Errorf("DuckDB: %w", err)
	}
	if q.table {
		if a, b, err = q.answers(skep, duck); err != nil {
			return nil, err
		}
	}
	if d := differ(a.Rows, b.Rows); d != "" {
		return nil, fmt.Errorf("the answers differ: %s", d)
	}
	x := &row{query: q.name}
	if !q.table {
		x.answer = b.Rows
	} else if n, err := duck.ask("SELECT count(*) FROM answer", true); err == nil && len(n.Rows[0][0]) < 4 {
		if all, err := duck.ask("SELECT * FROM answer", true); err == nil {
			x.answer = all.Rows
		}
	}
	for range o.runs {
		if err := errors.Join(x.skep.take(skep, sql), x.duck.take(duck, sql)); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// wholeAnswer is the most rows that are compared one by one; of more, sums of each column are.
const wholeAnswer = 1000

// answers looks into the tables that both systems have filled.
func (q *query) answers(skep, duck *process) (a, b *answer, err error) {
	both := func(sql string) (a, b *answer, err error) {
		if a, err = skep.ask(sql, true); err != nil {
			return nil, nil, fmt.Errorf("skep: %w", err)
		}
		if b, err = duck.ask(sql, true); err != nil {
			return nil, nil, fmt.Errorf("DuckDB: %w", err)
		}
		return a, b, nil
	}
	if a, b, err = both("SELECT count(*) FROM answer"); err != nil || q.loose || differ(a.Rows, b.Rows) != "" {
		return a, b, err
	}
	n, _ := strconv.Atoi(a.Rows[0][0])
	cols, err := skep.ask("DESCRIBE answer", true)
	if err != nil {
		return nil, nil, err
	}
	var list []string
	for _, c := range cols.Rows {
		name, kind := c[0], c[1]
		switch {
		case n <= wholeAnswer && kind == "TIMESTAMP":
			list = append(list, "CAST("+name+" AS VARCHAR)")
		case n <= wholeAnswer:
			list = append(list, name)
		case kind == "VARCHAR":
			list = append(list, "sum(length("+name+"))", "max("+name+")")
		case strings.HasPrefix(kind, "TIME") || kind == "DATE":
			list = append(list, "CAST(max("+name+") AS VARCHAR)", "count("+name+")")
		default:
			list = append(list, "sum(CAST("+name+" AS DOUBLE))", "count("+name+")")
		}
	}
	return both("SELECT " + strings.Join(list, ", ") + " FROM answer")
}

// take runs sql once more and keeps the better time and the higher peak.
func (m *measure) take(p *process, sql string) error {
	a, err := p.ask(sql, false)
	if err != nil {
		return err
	}
	if m.ms == 0 || a.MS < m.ms {
		m.ms, m.cpuMS = a.MS, a.CPUMS
	}
	m.peakKB = max(m.peakKB, a.PeakKB)
	return nil
}
