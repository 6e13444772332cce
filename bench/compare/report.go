package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

type report struct {
	options     *options
	date        time.Time
	duckVersion string
	parts       []*part
	results     [][]row // of each part
}

// write writes the table.
func (r *report) write() error {
	o := r.options
	var b strings.Builder
	b.WriteString("# skep and DuckDB, side by side\n\n")
	fmt.Fprintf(&b, "Written by `%s`. One run on one machine, the two systems by turns on the same files;\n", command(o))
	fmt.Fprintf(&b, "answers were compared and agree. Times are the best of %d warm runs, memory is the highest resident size during the timed runs.\n", o.runs)
	b.WriteString("Each system runs in a process of its own with its rows fetched as columns; CSV columns are declared on both sides.\n\n")
	fmt.Fprintf(&b, "- %s\n- %s; %d threads and a memory limit of %s for each\n", r.date.Format("2006-01-02 15:04 UTC"), machine(), o.threads, o.memory)
	fmt.Fprintf(&b, "- skep at %s, %s; DuckDB %s (Python package)\n", revision(), runtime.Version(), strings.TrimPrefix(r.duckVersion, "v"))
	for i, p := range r.parts {
		p.report(&b, r.results[i])
	}
	return os.WriteFile(o.out, []byte(b.String()), 0o644)
}

// report writes the table of a part.
func (p *part) report(b *strings.Builder, rows []row) {
	fmt.Fprintf(b, "\n## %s\n\n", p.title)
	if !p.tpch {
		b.WriteString("The rows of each answer go into a table in memory.\n\n")
	}
	b.WriteString("| query | skep ms | DuckDB ms | skep ÷ DuckDB | skep MiB | DuckDB MiB |\n|---|--:|--:|--:|--:|--:|\n")
	logs, skep, duck, slow := 0.0, 0.0, 0.0, []string{}
	for _, x := range rows {
		ratio := x.skep.ms / x.duck.ms
		logs, skep, duck = logs+math.Log(ratio), skep+x.skep.ms, duck+x.duck.ms
		if ratio > 3 {
			slow = append(slow, x.query)
		}
		fmt.Fprintf(b, "| %s | %.0f | %.0f | %.2f | %d | %d |\n", x.query, x.skep.ms, x.duck.ms, ratio, x.skep.peakKB>>10, x.duck.peakKB>>10)
	}
	mean := math.Exp(logs / float64(len(rows)))
	fmt.Fprintf(b, "| sum | %.0f | %.0f | %.2f | | |\n| **geometric mean** | | | **%.2f** | | |\n\n", skep, duck, skep/duck, mean)
	if q1 := rows[0]; p.tpch {
		fmt.Fprintf(b, "Q1 keeps %.2f cores busy in skep, %.2f in DuckDB ((user + system) ÷ wall). ", q1.skep.cpuMS/q1.skep.ms, q1.duck.cpuMS/q1.duck.ms)
	}
	if len(slow) == 0 {
		b.WriteString("No query takes more than 3 times as long as in DuckDB.\n")
	} else {
		fmt.Fprintf(b, "More than 3 times as long as in DuckDB: %s.\n", strings.Join(slow, ", "))
	}
	fmt.Fprintf(os.Stderr, "%s: geometric mean %.2f, slower than 3 x: %v\n", p.title, mean, slow)
}

// command is how this run was started.
func command(o *options) string {
	if o.quick {
		return "make bench-quick"
	}
	if o.parts != allParts {
		return "go run ./bench/compare -parts " + o.parts
	}
	return "make bench"
}

// revision names the commit, and says when files differ from it.
func revision() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--tags").Output()
	if err != nil {
		return "an unknown commit"
	}
	return strings.TrimSpace(string(out))
}
