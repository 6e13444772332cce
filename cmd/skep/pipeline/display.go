package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// display shows a run: on a terminal a tree that is drawn again as nodes change, else a line for each change.
type display struct {
	o       *Options
	g       *Graph
	results map[*Node]*Result
	lines   int // drawn last
	ticker  *time.Ticker
}

func newDisplay(o *Options, g *Graph, results map[*Node]*Result) *display {
	d := &display{o: o, g: g, results: results}
	if o.Live {
		d.ticker = time.NewTicker(200 * time.Millisecond)
		d.draw(false)
	}
	return d
}

// tick comes when the tree is to be drawn again.
func (d *display) tick() <-chan time.Time {
	if d.ticker == nil {
		return nil
	}
	return d.ticker.C
}

var marks = map[string]string{"waiting": "·", "running": "▸", "done": "✓", "up_to_date": "=", "failed": "✗", "blocked": "–", "cancelled": "■", "not_selected": " "}

// changed tells of a node's new status.
func (d *display) changed(r *Result) {
	if d.o.Live {
		d.draw(false)
		return
	}
	switch r.Status {
	case "running":
		fmt.Fprintf(d.o.Err, "▸ %s\n", r.Node)
	case "waiting", "not_selected":
	default:
		fmt.Fprintln(d.o.Err, line(r, r.Status))
	}
}

func line(r *Result, status string) string {
	s := fmt.Sprintf("%s %s  %s", marks[status], r.Node, strings.ReplaceAll(status, "_", " "))
	switch {
	case status == "running" && !r.started.IsZero():
		s += fmt.Sprintf(", %.0f s", time.Since(r.started).Seconds())
	case status == "done" || status == "failed":
		s += fmt.Sprintf(", %.2f s", r.ElapsedMS/1000)
	}
	if status == "done" && r.Rows > 0 {
		s += fmt.Sprintf(", %d row", r.Rows)
		if r.Rows > 1 {
			s += "s"
		}
	}
	return s
}

// draw writes the tree over the one before. Only the loop calls it, and it reads of running nodes what was set before they began.
func (d *display) draw(whole bool) {
	var b bytes.Buffer
	if d.lines > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\x1b[J", d.lines)
	}
	cols, rows := 80, 24
	if d.o.Size != nil {
		cols, rows = d.o.Size()
	}
	tree := d.tree(whole, rows)
	for _, l := range tree {
		if r := []rune(l); len(r) >= cols && cols > 1 { // one that wraps cannot be drawn over
			l = string(r[:cols-2]) + "…"
		}
		b.WriteString(l + "\n")
	}
	d.lines = len(tree)
	_, _ = d.o.Err.Write(b.Bytes()) // a picture: who cannot see it misses nothing
}

// tree gives the lines. Where they are more than the terminal has, and not the whole is wanted, those that run or have failed come with a count of the others.
func (d *display) tree(whole bool, rows int) (all []string) {
	level := map[*Node]int{}
	counts := map[string]int{}
	var some []string
	for _, n := range d.g.Nodes {
		for _, need := range n.Needs {
			level[n] = max(level[n], level[need]+1)
		}
		r := d.results[n]
		if r.Status == "not_selected" {
			continue
		}
		all = append(all, strings.Repeat("  ", level[n])+line(r, r.Status))
		if counts[r.Status]++; r.Status == "running" || r.Status == "failed" {
			some = append(some, line(r, r.Status))
		}
	}
	if whole || len(all) < rows || rows < 3 {
		return all
	}
	some = some[max(0, len(some)-rows+2):]
	var others []string
	for _, status := range []string{"done", "up_to_date", "blocked", "cancelled", "waiting"} {
		if counts[status] > 0 {
			others = append(others, fmt.Sprintf("%s %d %s", marks[status], counts[status], strings.ReplaceAll(status, "_", " ")))
		}
	}
	return append(some, strings.Join(others, "  "))
}

// pause writes something that stays above the tree.
func (d *display) pause(f func(w io.Writer)) {
	if !d.o.Live {
		f(d.o.Err)
		return
	}
	if d.lines > 0 {
		fmt.Fprintf(d.o.Err, "\x1b[%dA\x1b[J", d.lines)
		d.lines = 0
	}
	f(d.o.Err)
	d.draw(false)
}

func (d *display) end() {
	if d.ticker != nil {
		d.ticker.Stop()
		d.draw(true)
	}
}
