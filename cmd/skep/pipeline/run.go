package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/cmd/skep/render"
	"github.com/skep-sql/skep/storage/db"
	"github.com/skep-sql/skep/storage/fs"
)

// Exit codes for schedulers.
const (
	ExitDone      = 0
	ExitFailed    = 1  // SQL or data: a second try fails too
	ExitUsage     = 2  // the command line, or the pipeline itself
	ExitTransient = 3  // a server was away: try again
	ExitConflict  = 4  // somebody else changed a table at the same time: try again
	ExitNothing   = 99 // everything is up to date
)

// Options are those of skep run.
type Options struct {
	Dir, Warehouse string
	Params         map[string]string
	Settings       [][2]string
	Jobs           int
	Select         []string
	Resume, Force  bool
	Report         string
	Substitute     func(string) (string, error)
	Args           func() []any // the parameters as values, for :name
	Out, Err       io.Writer
	Live           bool                    // Err is a terminal
	Size           func() (cols, rows int) // of the terminal
}

// Result is what became of a node.
type Result struct {
	Node      string   `json:"node"`
	Status    string   `json:"status"` // done, up_to_date, failed, blocked, cancelled, not_selected
	ElapsedMS float64  `json:"elapsed_ms"`
	Rows      int64    `json:"rows_changed"`
	RowsRead  int64    `json:"rows_read"`
	Class     string   `json:"class,omitempty"`
	Error     string   `json:"error,omitempty"`
	Needs     []string `json:"needs,omitempty"`

	started time.Time
	err     error
	src     render.Source
}

// Summary is the last line of stdout.
type Summary struct {
	Status    string    `json:"status"` // done, nothing, failed, cancelled
	Exit      int       `json:"exit"`
	Ran       int       `json:"ran"`
	UpToDate  int       `json:"up_to_date"`
	Failed    []string  `json:"failed"`
	Blocked   []string  `json:"blocked"`
	Rows      int64     `json:"rows_changed"`
	ElapsedMS float64   `json:"elapsed_ms"`
	Nodes     []*Result `json:"nodes,omitempty"`
}

// runner is a run of a graph.
type runner struct {
	o       *Options
	g       *Graph
	db      *skep.DB
	state   *state
	params  string
	results map[*Node]*Result
	show    *display
	resumed bool
}

// Run runs a folder and gives the exit code.
func Run(o *Options) int {
	g, err := Load(o.Dir, o.Substitute)
	if err == nil {
		err = g.missing(o.Params)
	}
	if err == nil && o.Report != "" {
		_, err = os.Stat(filepath.Dir(o.Report))
	}
	if err == nil {
		var keep map[*Node]bool
		if keep, err = g.Select(o.Select); err == nil {
			return run(o, g, keep)
		}
	}
	printMistake(o.Err, err)
	return ExitUsage
}

func printMistake(w io.Writer, err error) {
	var m *Mistake
	if errors.As(err, &m) {
		render.PrintError(w, m.Err, m.Src)
		return
	}
	fmt.Fprintf(w, "skep: %v\n", err)
}

func run(o *Options, g *Graph, keep map[*Node]bool) int {
	database, err := skep.Open(o.Warehouse)
	if err != nil {
		render.PrintError(o.Err, err, render.Source{})
		return ExitFailed
	}
	defer database.Close()
	warehouse := o.Warehouse
	if warehouse != "" {
		if warehouse, err = filepath.Abs(warehouse); err != nil {
			warehouse = o.Warehouse
		}
	}
	r := &runner{o: o, g: g, db: database, state: loadState(statePath(g.Dir, warehouse)), results: map[*Node]*Result{}}
	if text, err := json.Marshal(o.Params); err == nil {
		sum := sha256.Sum256(text) // maps are written sorted; one may be a password
		r.params = hex.EncodeToString(sum[:])
	}
	r.resumed = o.Resume && r.state.Last.Failed && r.state.Last.Params == r.params
	if o.Resume && !r.resumed {
		fmt.Fprintln(o.Err, "NOTE: no run of these parameters failed last: there is nothing to resume, and only what has changed runs")
	}
	for _, n := range g.Nodes {
		r.results[n] = &Result{Node: n.Name, Status: "waiting"}
		for _, d := range n.Needs {
			r.results[n].Needs = append(r.results[n].Needs, d.Name)
		}
		if !keep[n] {
			r.results[n].Status = "not_selected"
		}
		for _, t := range n.Append {
			if keep[n] && len(n.Writes) > 1 {
				fmt.Fprintf(o.Err, "NOTE: %s adds rows to %s with INSERT INTO and writes more: should it fail in between, a second try adds them twice; INSERT OVERWRITE or MERGE does not\n", n.Name, t)
			}
		}
	}
	if lost := g.lost(); o.Warehouse == "" && len(lost) > 0 {
		fmt.Fprintf(o.Err, "NOTE: without --warehouse, tables are gone when the run ends: %s\n", strings.Join(lost, ", "))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	start := time.Now()
	r.show = newDisplay(o, g, r.results)
	killed := r.loop(ctx, cancel, signals)
	r.show.end()
	return r.finish(killed, time.Since(start))
}

// loop starts nodes as those they need are done, and gives the signal that ended it, or nil.
func (r *runner) loop(ctx context.Context, cancel context.CancelFunc, signals chan os.Signal) (killed os.Signal) {
	type end struct {
		n   *Node
		res *Result
	}
	done := make(chan end)
	running := 0
	for {
		for _, n := range r.g.Nodes {
			if killed == nil && running < max(r.o.Jobs, 1) && r.results[n].Status == "waiting" && r.ready(n) {
				running++
				res := r.results[n]
				res.Status, res.started = "running", time.Now()
				r.show.changed(res)
				own := *res // the loop's is read while the node runs
				go func() {
					r.node(ctx, n, &own)
					done <- end{n, &own}
				}()
			}
		}
		if running == 0 {
			return killed
		}
		select {
		case e := <-done:
			running--
			n, res := e.n, r.results[e.n]
			*res = *e.res
			r.finished(n)
			if res.Status == "failed" {
				for d := range r.g.downstream(n) {
					if x := r.results[d]; x.Status == "waiting" {
						x.Status = "blocked"
						r.show.changed(x)
					}
				}
			}
		case sig := <-signals:
			if killed != nil {
				os.Exit(exitOf(killed))
			}
			killed = sig
			cancel()
		case <-r.show.tick():
			r.show.draw(false)
		}
	}
}

func (r *runner) ready(n *Node) bool {
	for _, d := range n.Needs {
		switch r.results[d].Status {
		case "waiting", "running", "failed", "blocked", "cancelled":
			return false
		}
	}
	return true
}

// finished keeps the state of a node that is done. It is called by the loop alone.
func (r *runner) finished(n *Node) {
	res := r.results[n]
	r.show.changed(res)
	if res.Status == "failed" && !errors.Is(res.err, context.Canceled) {
		r.show.pause(func(w io.Writer) { render.PrintError(w, res.err, res.src) })
	}
	if res.Status == "done" || res.Status == "up_to_date" {
		r.state.Last.Done = append(r.state.Last.Done, n.Name)
	}
	if err := r.state.save(); err != nil {
		fmt.Fprintf(r.o.Err, "NOTE: the state of the pipeline is not kept: %v\n", err)
	}
}

// node runs a node, unless it is up to date, in a session of its own.
func (r *runner) node(ctx context.Context, n *Node, res *Result) {
	status, err := r.attempt(ctx, n, res)
	res.ElapsedMS = float64(time.Since(res.started).Microseconds()) / 1000
	if err == nil {
		res.Status = status
		return
	}
	res.Status, res.err = "failed", err
	res.Class, res.Error = string(sqlerr.ClassOf(err)), db.RedactOf(err.Error(), n.Text)
	if ctx.Err() != nil {
		res.Status = "cancelled"
	}
}

func (r *runner) attempt(ctx context.Context, n *Node, res *Result) (string, error) {
	sess := r.db.Session()
	defer sess.Close()
	sess.SetBase(r.g.Dir)
	for _, s := range r.o.Settings {
		if err := sess.Set(s[0], s[1]); err != nil {
			return "", err
		}
	}
	for _, s := range r.g.Setup {
		if err := r.script(ctx, sess, s, res); err != nil {
			return "", err
		}
	}
	script := r.g.scriptHash(n, r.o.Params)
	inputs, known := prints(ctx, sess, n.Reads)
	outputs, outKnown := prints(ctx, sess, n.Writes)
	known = known && outKnown && len(n.Writes) > 0
	if r.resumed && r.state.done(n.Name) || known && !r.o.Force && r.state.same(n, script, inputs, outputs) {
		return "up_to_date", nil
	}
	r.state.forget(n.Name)
	if err := r.script(ctx, sess, n, res); err != nil {
		return "", err
	}
	home := r.db.Session() // the script may have changed its own's database
	defer home.Close()
	home.SetBase(r.g.Dir)
	for _, s := range r.g.Setup {
		if err := r.script(ctx, home, s, &Result{}); err != nil {
			return "", err
		}
	}
	outputs, _ = prints(ctx, home, n.Writes)
	for t, p := range outputs {
		if _, ok := inputs[t]; ok {
			inputs[t] = p // what it read of its own table is as it has left it
		}
	}
	r.state.keep(n.Name, &nodeState{script, inputs, outputs})
	return "done", nil
}

// script runs the statements of a file; rows of queries are read and dropped.
func (r *runner) script(ctx context.Context, sess *skep.Session, n *Node, res *Result) error {
	for _, p := range n.stmts {
		changed, err := sess.Exec(ctx, p.Text, r.o.Args()...)
		c := sess.Counts()
		res.Rows += changed
		res.RowsRead += c.RowsRead
		if err != nil {
			res.src = render.Source{File: n.File, Text: n.Text, Offset: p.Offset}
			return err
		}
	}
	return nil
}

func exitOf(sig os.Signal) int {
	if sig == syscall.SIGTERM {
		return 143
	}
	return 130
}

// finish writes the report and the summary and gives the exit code.
func (r *runner) finish(killed os.Signal, elapsed time.Duration) int {
	s := &Summary{Failed: []string{}, Blocked: []string{}, ElapsedMS: float64(elapsed.Microseconds()) / 1000}
	codes := map[int]bool{}
	for _, n := range r.g.Nodes {
		res := r.results[n]
		if killed != nil && (res.Status == "waiting" || res.Status == "running") {
			res.Status = "cancelled"
		}
		s.Rows += res.Rows
		switch res.Status {
		case "done":
			s.Ran++
		case "up_to_date":
			s.UpToDate++
		case "failed":
			s.Failed = append(s.Failed, n.Name)
			codes[codeOf(res.err)] = true
		case "blocked":
			s.Blocked = append(s.Blocked, n.Name)
		}
	}
	switch {
	case killed != nil:
		s.Status, s.Exit = "cancelled", exitOf(killed)
	case codes[ExitFailed]:
		s.Status, s.Exit = "failed", ExitFailed
	case codes[ExitTransient]:
		s.Status, s.Exit = "failed", ExitTransient
	case codes[ExitConflict]:
		s.Status, s.Exit = "failed", ExitConflict
	case s.Ran == 0:
		s.Status, s.Exit = "nothing", ExitNothing
	default:
		s.Status = "done"
	}
	r.state.Last.Failed, r.state.Last.Params = s.Status == "failed" || s.Status == "cancelled", r.params
	if !r.state.Last.Failed {
		r.state.Last.Done = nil
	}
	if err := r.state.save(); err != nil {
		fmt.Fprintf(r.o.Err, "NOTE: the state of the pipeline is not kept: %v\n", err)
	}
	if r.o.Report != "" {
		if err := r.report(s); err != nil {
			fmt.Fprintf(r.o.Err, "skep: %v\n", err)
			s.Exit = max(s.Exit, ExitFailed)
		}
	}
	line, err := json.Marshal(s)
	if err != nil {
		line = []byte("{}")
	}
	fmt.Fprintln(r.o.Out, string(line))
	return s.Exit
}

// report writes the summary with its nodes.
func (r *runner) report(s *Summary) error {
	full := *s
	for _, n := range r.g.Nodes {
		full.Nodes = append(full.Nodes, r.results[n])
	}
	text, err := json.MarshalIndent(&full, "", "  ")
	if err != nil {
		return err
	}
	return fs.WriteAtomic(r.o.Report, append(text, '\n'))
}

// codeOf tells what a scheduler shall do about an error.
func codeOf(err error) int {
	switch {
	case db.IsTemporary(err):
		return ExitTransient
	case sqlerr.ClassOf(err) == sqlerr.Conflict:
		return ExitConflict
	}
	return ExitFailed
}
