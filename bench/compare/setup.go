package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

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
	for _, format := range []string{"parquet", "csv"} {
		dir := o.data(format)
		if _, err := os.Stat(dir); err == nil || o.quick && format == "csv" {
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
	return python, nil
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

// prepareSkep makes the tables. Text gets its columns declared, on both sides.
func prepareSkep(o *options, p *process, format string) error {
	stmts := []string{fmt.Sprintf("SET threads = %d", o.threads), fmt.Sprintf("SET memory_limit = '%s'", o.memory)}
	for _, t := range tpch.Tables {
		file := filepath.Join(o.data(format), t+"."+format)
		if format == "csv" {
			stmts = append(stmts, fmt.Sprintf("CREATE EXTERNAL TABLE %s (%s) STORED AS CSV LOCATION '%s' TBLPROPERTIES ('skip.header.line.count' = '1')",
				t, tpch.Columns(t), file))
			continue
		}
		stmts = append(stmts, tpch.CreateParquet(t, file))
	}
	for _, s := range stmts {
		if _, err := p.ask(s, false); err != nil {
			return fmt.Errorf("skep: %s: %w", s, err)
		}
	}
	return nil
}

// prepareDuck makes the views, and gives the version.
func prepareDuck(o *options, p *process, format string) (version string, err error) {
	stmts := []string{fmt.Sprintf("SET threads = %d", o.threads), fmt.Sprintf("SET memory_limit = '%s'", o.memory), "SET enable_progress_bar = false"}
	for _, t := range tpch.Tables {
		from := fmt.Sprintf("'%s'", filepath.Join(o.data(format), t+"."+format))
		if format == "csv" {
			var cols []string
			for _, c := range strings.Split(tpch.Columns(t), ", ") {
				name, kind, _ := strings.Cut(c, " ")
				cols = append(cols, fmt.Sprintf("'%s': '%s'", name, kind))
			}
			from = fmt.Sprintf("read_csv(%s, header = true, delim = ',', quote = '\"', columns = {%s})", from, strings.Join(cols, ", "))
		}
		stmts = append(stmts, fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM %s", t, from))
	}
	for _, s := range stmts {
		if _, err := p.ask(s, false); err != nil {
			return "", fmt.Errorf("DuckDB: %s: %w", s, err)
		}
	}
	a, err := p.ask("SELECT version()", true)
	if err != nil {
		return "", err
	}
	return a.Rows[0][0], nil
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
