package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/skep-sql/skep"
)

// worker is skep's side: it answers requests from stdin until it ends.
func worker() {
	skep.TuneCollector()
	db, err := skep.Open("")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s := db.Session()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		a, err := answerOf(s, r)
		if err != nil {
			a = &answer{Error: err.Error()}
		}
		if err := out.Encode(a); err != nil {
			os.Exit(1)
		}
	}
}

func answerOf(s *skep.Session, r request) (*answer, error) {
	a := &answer{}
	resetPeak()
	cpu, begin := cpuTime(), time.Now()
	rows, err := s.Query(context.Background(), r.SQL)
	if err != nil {
		return nil, err
	}
	defer rows.Release()
	for rows.Next() {
		b := rows.RecordBatch()
		for i := 0; r.Rows && i < int(b.NumRows()); i++ {
			line := make([]string, b.NumCols())
			for k := range line {
				if line[k] = "NULL"; !b.Column(k).IsNull(i) {
					line[k] = b.Column(k).ValueStr(i)
				}
			}
			a.Rows = append(a.Rows, line)
		}
	}
	a.MS = float64(time.Since(begin).Microseconds()) / 1000
	a.CPUMS = float64((cpuTime() - cpu).Microseconds()) / 1000
	a.PeakKB = peak()
	return a, rows.Err()
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resetPeak makes the kernel forget the process's highest memory use so far.
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peak gives the highest memory use since, in KiB; 0 where the system does not tell.
func peak() int64 {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range bytes.Split(text, []byte{'\n'}) {
		if f := bytes.Fields(line); len(f) > 1 && string(f[0]) == "VmHWM:" {
			n, _ := strconv.ParseInt(string(f[1]), 10, 64)
			return n
		}
	}
	return 0
}

// pythonMemory is resetPeak and peak in Python.
const pythonMemory = `
def reset():
    try:
        with open("/proc/self/clear_refs", "w") as f: f.write("5")
    except OSError: pass
def peak():
    try:
        for line in open("/proc/self/status"):
            if line.startswith("VmHWM:"): return int(line.split()[1])
    except OSError: pass
    return 0
`

// duckWorker is DuckDB's side, in Python. Results come as columns, which costs it no Python object a number.
const duckWorker = `
import duckdb, json, resource, sys, time
con = duckdb.connect()
def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime
` + pythonMemory + `for line in sys.stdin:
    r = json.loads(line)
    try:
        reset()
        c, t = cpu(), time.perf_counter()
        res, rows = con.execute(r["sql"]), None
        if r["rows"]:
            rows = [["NULL" if v is None else str(v) for v in row] for row in res.fetchall()]
        elif res.description is not None:
            res.fetchnumpy()
        a = {"ms": (time.perf_counter() - t) * 1000, "cpu_ms": (cpu() - c) * 1000, "peak_kb": peak(), "rows": rows}
    except Exception as e:
        a = {"error": str(e)}
    print(json.dumps(a), flush=True)
`
