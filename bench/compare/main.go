// Command compare runs TPC-H on skep and on DuckDB, side by side: the same files, the same machine, each system in a process of its own that
// lives through one format's run, the same number of threads and the same memory limit. Every query runs once for its answer, which must be
// the same on both sides, and then some times in turns; the best time of each counts. bench/RESULTS.md gets the table.
//
//	go run ./bench/compare            Parquet and CSV
//	go run ./bench/compare -quick     Parquet alone
//	go run ./bench/compare -runs 0    only the answers, no times
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
	"time"
)

type options struct {
	quick   bool
	sf      string
	runs    int
	threads int
	memory  string
	cache   string
	suites  string
	out     string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		worker()
		return
	}
	cache, _ := os.UserCacheDir()
	o := options{}
	flag.BoolVar(&o.quick, "quick", false, "Parquet alone")
	flag.StringVar(&o.sf, "sf", "1", "scale factor")
	flag.IntVar(&o.runs, "runs", 3, "timed runs of each query on each system; 0 = answers alone are compared, and no file is written")
	flag.IntVar(&o.threads, "threads", min(2, runtime.NumCPU()), "threads of each system")
	flag.StringVar(&o.memory, "memory", "4GB", "memory limit of each system")
	flag.StringVar(&o.cache, "cache", filepath.Join(cache, "skep-bench"), "where the data and the virtual environment are kept")
	flag.StringVar(&o.suites, "suites", suites(), "folder of the suites")
	flag.StringVar(&o.out, "out", "bench/RESULTS.md", "the file to write")
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
	query      int
	skep, duck measure
}

func run(o *options) error {
	queries, err := readQueries(o.suites)
	if err != nil {
		return err
	}
	python, err := setup(o)
	if err != nil {
		return err
	}
	formats := []string{"parquet", "csv"}
	if o.quick {
		formats = formats[:1]
	}
	r := &report{options: o, date: time.Now().UTC(), results: map[string][]row{}}
	for _, format := range formats {
		rows, err := side(o, r, python, format, queries)
		if err != nil {
			return err
		}
		r.formats = append(r.formats, format)
		r.results[format] = rows
	}
	if o.runs == 0 {
		return nil
	}
	return r.write()
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

// side runs all queries over one format on both systems.
func side(o *options, r *report, python, format string, queries []string) (rows []row, err error) {
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
	if r.duckVersion, err = prepareDuck(o, duck, format); err != nil {
		return nil, err
	}
	if err := prepareSkep(o, skep, format); err != nil {
		return nil, err
	}
	for i, sql := range queries {
		a, err := skep.ask(sql, true)
		if err != nil {
			return nil, fmt.Errorf("%s q%02d: skep: %w", format, i+1, err)
		}
		b, err := duck.ask(sql, true)
		if err != nil {
			return nil, fmt.Errorf("%s q%02d: DuckDB: %w", format, i+1, err)
		}
		if d := differ(a.Rows, b.Rows); d != "" {
			return nil, fmt.Errorf("%s q%02d: the answers differ: %s", format, i+1, d)
		}
		x := row{query: i + 1}
		for range o.runs {
			if err := errors.Join(x.skep.take(skep, sql), x.duck.take(duck, sql)); err != nil {
				return nil, fmt.Errorf("%s q%02d: %w", format, i+1, err)
			}
		}
		if o.runs == 0 {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s q%02d  skep %6.0f ms  DuckDB %6.0f ms  %.2f\n", format, i+1, x.skep.ms, x.duck.ms, x.skep.ms/x.duck.ms)
		rows = append(rows, x)
	}
	fmt.Fprintf(os.Stderr, "%s: all %d answers agree\n", format, len(queries))
	return rows, nil
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
