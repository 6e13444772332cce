package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
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
	plot := strings.TrimSuffix(o.out, ".md") + ".svg"
	fmt.Fprintf(&b, "\n![all parts](%s)\n", filepath.Base(plot))
	if err := r.plot(plot); err != nil {
		return err
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
	p.reportPeers(b, rows)
	fmt.Fprintf(os.Stderr, "%s: geometric mean %.2f, slower than 3 x: %v\n", p.title, mean, slow)
}

// reportPeers writes the table of the other systems.
func (p *part) reportPeers(b *strings.Builder, rows []row) {
	if len(p.peers) == 0 {
		return
	}
	b.WriteString("\nOther systems, milliseconds, and skep's time as a part of theirs; – where a system does not parse the query or answers otherwise.\n\n| query |")
	for _, t := range p.peers {
		fmt.Fprintf(b, " %s | skep ÷ | MiB |", t.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|--:|--:|", len(p.peers)) + "\n")
	logs, n := make([]float64, len(p.peers)), make([]int, len(p.peers))
	for i, x := range rows {
		fmt.Fprintf(b, "| %s |", x.query)
		for k, t := range p.peers {
			if t.ms[i] == 0 {
				b.WriteString(" – | | |")
				continue
			}
			ratio := x.skep.ms / t.ms[i]
			logs[k], n[k] = logs[k]+math.Log(ratio), n[k]+1
			fmt.Fprintf(b, " %.0f | %.2f | %d |", t.ms[i], ratio, t.kb[i]>>10)
		}
		b.WriteString("\n")
	}
	b.WriteString("| **geometric mean** |")
	for k := range p.peers {
		fmt.Fprintf(b, " %d queries | **%.2f** | |", n[k], math.Exp(logs[k]/max(float64(n[k]), 1)))
	}
	b.WriteString("\n")
}

// command is how this run was started.
func command(o *options) string {
	if o.quick {
		return "make bench-quick"
	}
	if o.parts != allParts {
		return "go run ./bench/compare -parts " + o.parts
	}
	if o.sf != "1" {
		return "make bench SF=" + o.sf
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
