package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/skep-sql/skep/bench/sets"
	"github.com/skep-sql/skep/bench/tpch"
)

// setup makes the virtual environment and the data in the cache, where they are not there yet, and gives the Python to use.
func setup(o *options) (python string, err error) {
	venv := filepath.Join(o.cache, "venv")
	python = filepath.Join(venv, "bin", "python")
	if _, err := os.Stat(filepath.Join(venv, "done")); err != nil {
		if err := sh("python3", "-m", "venv", venv); err != nil {
			return "", err
		}
		if err := sh(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "duckdb", "numpy", "tpchgen-cli"); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(venv, "done"), nil, 0o644); err != nil {
			return "", err
		}
	}
	if _, err := os.Stat(filepath.Join(venv, "peers")); err != nil && o.peers != "" {
		if err := sh(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "polars", "datafusion", "chdb", "pyarrow"); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(venv, "peers"), nil, 0o644); err != nil {
			return "", err
		}
	}
	for _, format := range []string{"parquet", "csv"} {
		dir := o.data(format)
		if _, err := os.Stat(dir); err == nil || !o.has(format) {
			continue
		}
		_ = os.RemoveAll(dir + ".part")
		if err := sh(filepath.Join(venv, "bin", "tpchgen-cli"), format, "-s", o.sf, "--output-dir", dir+".part"); err != nil {
			return "", err
		}
		if err := os.Rename(dir+".part", dir); err != nil {
			return "", err
		}
	}
	for _, set := range sets.All(o.rows) {
		dir := o.setDir(&set)
		if _, err := os.Stat(dir); err == nil || !o.has(set.Name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "making", set.Title)
		_ = os.RemoveAll(dir + ".part")
		if err := set.Write(dir + ".part"); err != nil {
			return "", err
		}
		if err := os.Rename(dir+".part", dir); err != nil {
			return "", err
		}
	}
	return python, nil
}

// has tells whether a part is to be run.
func (o *options) has(part string) bool { return slices.Contains(strings.Split(o.parts, ","), part) }

// setDir gives the folder of a generated set.
func (o *options) setDir(s *sets.Set) string {
	return filepath.Join(o.cache, fmt.Sprintf("%s-%d", s.Name, o.rows))
}

// data gives the folder of the files of a format.
func (o *options) data(format string) string {
	return filepath.Join(o.cache, "sf"+o.sf+"-"+format)
}

func sh(name string, args ...string) error {
	fmt.Fprintln(os.Stderr, "+", filepath.Base(name), strings.Join(args, " "))
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}

// prepare makes the tables of a part.
func prepare(o *options, p *part, system string, proc *process) error {
	stmts := []string{fmt.Sprintf("SET threads = %d", o.threads), fmt.Sprintf("SET memory_limit = '%s'", o.memory)}
	if system == "DuckDB" {
		stmts = append(stmts, "SET enable_progress_bar = false")
	}
	for _, s := range append(stmts, p.stmts(system)...) {
		if _, err := proc.ask(s, false); err != nil {
			return fmt.Errorf("%s: %s: %w", system, s, err)
		}
	}
	return nil
}

// setTables are views of a generated set.
func setTables(o *options, s *sets.Set, system string) (out []string) {
	for _, t := range s.Tables {
		out = append(out, fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM '%s'", t.Name, filepath.Join(o.setDir(s), t.Name, "*.parquet")))
	}
	return out
}

// tpchTables make TPC-H's tables. Text gets its columns declared, on both sides.
func tpchTables(o *options, system, format string) (out []string) {
	for _, t := range tpch.Tables {
		file := filepath.Join(o.data(format), t+"."+format)
		switch {
		case system == "skep" && format == "csv":
			out = append(out, fmt.Sprintf("CREATE EXTERNAL TABLE %s (%s) STORED AS CSV LOCATION '%s' TBLPROPERTIES ('skip.header.line.count' = '1')",
				t, tpch.Columns(t), file))
		case system == "skep":
			out = append(out, tpch.CreateParquet(t, file))
		case format == "csv":
			var cols []string
			for _, c := range strings.Split(tpch.Columns(t), ", ") {
				name, kind, _ := strings.Cut(c, " ")
				cols = append(cols, fmt.Sprintf("'%s': '%s'", name, kind))
			}
			out = append(out, fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM read_csv('%s', header = true, delim = ',', quote = '\"', columns = {%s})",
				t, file, strings.Join(cols, ", ")))
		default:
			out = append(out, fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM '%s'", t, file))
		}
	}
	return out
}

// machine tells what this runs on.
func machine() string {
	cpu := runtime.GOARCH
	text, _ := os.ReadFile("/proc/cpuinfo")
	for _, line := range strings.Split(string(text), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
			cpu = strings.TrimSpace(v)
			break
		}
	}
	memory := ""
	text, _ = os.ReadFile("/proc/meminfo")
	var kb int64
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kb); err == nil {
		memory = fmt.Sprintf(", %d GiB", (kb+1<<19)>>20)
	}
	return fmt.Sprintf("%s, %d cores%s, %s", cpu, runtime.NumCPU(), memory, runtime.GOOS)
}
