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
		d.draw()
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
		d.draw()
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
	if status == "done" || status == "failed" {
		s += fmt.Sprintf(", %.2f s", r.ElapsedMS/1000)
	}
	if status == "done" && r.Rows > 0 {
		s += fmt.Sprintf(", %d rows", r.Rows)
	}
	return s
}

// draw writes the tree over the one before. Only the loop calls it, and it reads of running nodes what was set before they began.
func (d *display) draw() {
	var b bytes.Buffer
	if d.lines > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\x1b[J", d.lines)
	}
	d.lines = 0
	level := map[*Node]int{}
	for _, n := range d.g.Nodes {
		for _, need := range n.Needs {
			level[n] = max(level[n], level[need]+1)
		}
		r := d.results[n]
		if r.Status == "not_selected" {
			continue
		}
		b.WriteString(strings.Repeat("  ", level[n]))
		if r.Status == "running" {
			fmt.Fprintf(&b, "%s %s  running, %.0f s", marks["running"], n.Name, time.Since(r.started).Seconds())
		} else {
			b.WriteString(line(r, r.Status))
		}
		b.WriteByte('\n')
		d.lines++
	}
	_, _ = d.o.Err.Write(b.Bytes()) // a picture: who cannot see it misses nothing
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
	d.draw()
}

func (d *display) end() {
	if d.ticker != nil {
		d.ticker.Stop()
		d.draw()
	}
}
