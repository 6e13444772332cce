// Package pipeline runs a folder of SQL scripts as a graph: each script is a node, and what they read and write, as the parser sees it, orders them.
// Nodes that do not depend on each other run side by side; those whose script, parameters and inputs are as they were are left out.
package pipeline

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/cmd/skep/render"
	"github.com/skep-sql/skep/parser"
)

// Node is a script.
type Node struct {
	Name   string // the file's name without .sql
	File   string
	Text   string // with the parameters in their places
	Reads  []Thing
	Writes []Thing
	Needs  []*Node // sorted by name
	Params []string
	Append []Thing // written by INSERT INTO alone

	named   map[string]int // :name, and where it stands in Text
	first   map[Thing]int  // where in Text a thing is written first
	depends []string       // -- depends_on:
	stmts   []parser.Piece
}

// Graph is a folder's nodes, each after those it needs.
type Graph struct {
	Dir   string
	Setup []*Node // files that begin with _: run at the beginning of every node's session
	Nodes []*Node
}

var dependsOn = regexp.MustCompile(`(?mi)^\s*--\s*depends_on:\s*(.+?)\s*$`)
var paramUse = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}|(?:^|[^:\w]):([A-Za-z_][A-Za-z0-9_]*)`)

// Mistake is an error of the pipeline itself, which has a place in a script or none.
type Mistake struct {
	Err error
	Src render.Source
}

// Error gives the message.
func (m *Mistake) Error() string { return m.Err.Error() }

// Unwrap gives the error.
func (m *Mistake) Unwrap() error { return m.Err }

// Load reads the scripts of a folder. substitute puts parameters in their places.
func Load(dir string, substitute func(string) (string, error)) (*Graph, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	g := &Graph{Dir: abs}
	files, err := filepath.Glob(filepath.Join(abs, "*.sql"))
	if err != nil {
		return nil, err
	}
	if info, e := os.Stat(abs); e != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no .sql file", dir)
	}
	sort.Strings(files)
	setup := newUses(abs)
	for _, f := range files {
		n, err := read(f, filepath.Join(dir, filepath.Base(f)), substitute)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(n.Name, "_") {
			g.Setup = append(g.Setup, n)
			if err := n.parse(setup); err != nil {
				return nil, err
			}
			continue
		}
		g.Nodes = append(g.Nodes, n)
	}
	for _, n := range g.Nodes {
		u := newUses(abs)
		u.database = setup.database
		for k := range setup.own {
			u.own[k] = true
		}
		if err := n.parse(u); err != nil {
			return nil, err
		}
		n.take(u)
	}
	if err := g.connect(); err != nil {
		return nil, err
	}
	return g, g.order()
}

// read reads a script, which messages call by name.
func read(file, name string, substitute func(string) (string, error)) (*Node, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	n := &Node{Name: strings.TrimSuffix(filepath.Base(file), ".sql"), File: name, Text: strings.TrimPrefix(string(text), "\ufeff")}
	seen := map[string]bool{}
	for _, m := range paramUse.FindAllStringSubmatch(n.Text, -1) {
		if p := strings.ToLower(m[1] + m[2]); !seen[p] {
			seen[p] = true
			n.Params = append(n.Params, p)
		}
	}
	for _, m := range dependsOn.FindAllStringSubmatch(n.Text, -1) {
		for _, d := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			n.depends = append(n.depends, strings.TrimSuffix(d, ".sql"))
		}
	}
	raw := n.Text
	if n.Text, err = substitute(raw); err != nil {
		return nil, &Mistake{err, render.Source{File: name, Text: raw}}
	}
	return n, nil
}

// parse collects what the node's statements use. A statement that is not ours (it may be Postgres' after USE) uses nothing that we see.
func (n *Node) parse(u *uses) error {
	stmts, rest, _ := parser.Split(n.Text)
	if rest.Text != "" {
		stmts = append(stmts, rest)
	}
	n.stmts = stmts
	for _, p := range stmts {
		s, err := parser.ParseOne(p.Text)
		if err != nil {
			if u.database != "default" {
				continue
			}
			return &Mistake{err, render.Source{File: n.File, Text: n.Text, Offset: p.Offset}}
		}
		u.statement(s, p.Offset)
	}
	return nil
}

func (n *Node) take(u *uses) {
	sorted := func(m map[Thing]int) (out []Thing) {
		for t := range m {
			out = append(out, t)
		}
		slices.SortFunc(out, func(a, b Thing) int { return strings.Compare(a.Name, b.Name) })
		return out
	}
	n.Reads, n.Writes, n.first, n.named = sorted(u.reads), sorted(u.writes), u.writes, u.params
	for _, t := range n.Writes {
		if u.appends[t] {
			n.Append = append(n.Append, t)
		}
	}
}

// missing tells of a parameter :name that has no value.
func (g *Graph) missing(params map[string]string) error {
	for _, n := range g.Nodes {
		for _, name := range slices.Sorted(maps.Keys(n.named)) {
			if _, ok := params[name]; ok {
				continue
			}
			err := sqlerr.At(sqlerr.NotFound, n.named[name], "no value is given for :%s", name).WithHint("--param %s=…", name)
			if near := sqlerr.Nearest(name, slices.Sorted(maps.Keys(params))); near != "" {
				err = err.WithHint("did you mean :%s?", near)
			}
			return &Mistake{err, render.Source{File: n.File, Text: n.Text}}
		}
	}
	return nil
}

// lost gives the tables that nodes write to the default database.
func (g *Graph) lost() (out []string) {
	for _, n := range g.Nodes {
		for _, t := range n.Writes {
			if name, ok := strings.CutPrefix(t.Name, "default."); ok && !t.File {
				out = append(out, name)
			}
		}
	}
	return out
}

// connect finds the edges.
func (g *Graph) connect() error {
	writer := map[Thing]*Node{}
	byName := map[string]*Node{}
	var names []string
	for _, n := range g.Nodes {
		byName[strings.ToLower(n.Name)] = n
		names = append(names, n.Name)
		for _, t := range n.Writes {
			if o := writer[t]; o != nil {
				err := sqlerr.At(sqlerr.Bind, n.first[t], "%s writes %s, which %s writes too", n.Name, t, o.Name).
					WithHint("one node a table: put both into one file; what makes empty tables first belongs into a file that begins with _")
				return &Mistake{err, render.Source{File: n.File, Text: n.Text}}
			}
			writer[t] = n
		}
	}
	for _, n := range g.Nodes {
		needs := map[*Node]bool{}
		for _, t := range n.Reads {
			for w, by := range writer {
				if by != n && sameThing(t, w) {
					needs[by] = true
				}
			}
		}
		for _, d := range n.depends {
			o := byName[strings.ToLower(d)]
			if o == nil {
				err := sqlerr.At(sqlerr.NotFound, strings.Index(n.Text, d), "%s depends on %s, which is no script of this folder", n.Name, d).WithHint("%s", sqlerr.DidYouMean(d, names))
				return &Mistake{err, render.Source{File: n.File, Text: n.Text}}
			}
			needs[o] = true
		}
		for o := range needs {
			n.Needs = append(n.Needs, o)
		}
		slices.SortFunc(n.Needs, func(a, b *Node) int { return strings.Compare(a.Name, b.Name) })
	}
	return nil
}

// sameThing tells whether what is read is, or has in it, what is written.
func sameThing(read, written Thing) bool {
	if read == written {
		return true
	}
	if !read.File || !written.File {
		return false
	}
	if ok, err := doublestar.Match(read.Name, written.Name); err == nil && ok {
		return true
	}
	return strings.HasPrefix(written.Name, strings.TrimSuffix(read.Name, "/")+"/") || strings.HasPrefix(read.Name, strings.TrimSuffix(written.Name, "/")+"/")
}

// order sorts the nodes so that each comes after those it needs, else by name; a cycle is an error that shows it.
func (g *Graph) order() error {
	var out []*Node
	state := map[*Node]int{} // 1: being looked at, 2: done
	var path []*Node
	var visit func(n *Node) error
	visit = func(n *Node) error {
		switch state[n] {
		case 2:
			return nil
		case 1:
			var names []string
			for _, p := range path[slices.Index(path, n):] {
				names = append(names, p.Name)
			}
			return &Mistake{sqlerr.New(sqlerr.Bind, "the scripts wait for each other: %s → %s", strings.Join(names, " → "), n.Name).
				WithHint("each reads what the next one writes"), render.Source{}}
		}
		state[n] = 1
		path = append(path, n)
		for _, o := range n.Needs {
			if err := visit(o); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[n] = 2
		out = append(out, n)
		return nil
	}
	for _, n := range g.Nodes {
		if err := visit(n); err != nil {
			return err
		}
	}
	g.Nodes = out
	return nil
}

// Select keeps the nodes of selections: name, name+ with all that depends on it, +name with all that it depends on.
func (g *Graph) Select(list []string) (map[*Node]bool, error) {
	keep := map[*Node]bool{}
	if len(list) == 0 {
		for _, n := range g.Nodes {
			keep[n] = true
		}
		return keep, nil
	}
	var names []string
	for _, n := range g.Nodes {
		names = append(names, n.Name)
	}
	for _, s := range list {
		name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(s, "+"), "+"), ".sql")
		i := slices.IndexFunc(g.Nodes, func(n *Node) bool { return strings.EqualFold(n.Name, name) })
		if i < 0 {
			hint := "nodes are " + strings.Join(names, ", ")
			if h := sqlerr.DidYouMean(name, names); h != "" {
				hint = h
			}
			return nil, fmt.Errorf("--select: there is no node %s (%s)", name, hint)
		}
		keep[g.Nodes[i]] = true
		if strings.HasPrefix(s, "+") {
			g.upstream(g.Nodes[i], keep)
		}
		if strings.HasSuffix(s, "+") {
			for n := range g.downstream(g.Nodes[i]) {
				keep[n] = true
			}
		}
	}
	return keep, nil
}

func (g *Graph) upstream(n *Node, keep map[*Node]bool) {
	for _, o := range n.Needs {
		if !keep[o] {
			keep[o] = true
			g.upstream(o, keep)
		}
	}
}

// downstream gives the nodes that depend on n, and n.
func (g *Graph) downstream(n *Node) map[*Node]bool {
	out := map[*Node]bool{n: true}
	for _, o := range g.Nodes { // in order: what a node needs comes before it
		for _, need := range o.Needs {
			if out[need] {
				out[o] = true
			}
		}
	}
	return out
}
