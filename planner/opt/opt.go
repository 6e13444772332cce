// Package opt rewrites logical plans: each rule is a file with one entry, and the list below is the order they run in. Rules keep the
// meaning, errors included: an expression that can fail is not moved before a condition written earlier nor below a join.
package opt

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/planner/stats"
)

// Context is what the rules share for one statement.
type Context struct {
	Fn     *fn.Ctx
	NewCol func(name string, like logical.Col) logical.Col // a fresh column of like's type
	Funcs  *fn.Registry
	err    error
}

// Rule is one rewriting of a whole plan.
type Rule struct {
	Name string
	Run  func(c *Context, n logical.Node) (logical.Node, error)
	// Needed tells that a plan cannot be run without it: it is not switched off with the optimiser.
	Needed bool
}

// Rules are all rules in the order they run.
var Rules = []Rule{
	{Name: "fold", Run: fold},
	{Name: "unnest", Run: unnest, Needed: true},
	{Name: "shared", Run: inlineShared},
	{Name: "groupkeys", Run: groupKeys},
	{Name: "sums", Run: sums},
	{Name: "distinct", Run: distinctAggs},
	{Name: "factor", Run: factor},
	{Name: "pushdown", Run: pushdown},
	{Name: "joinorder", Run: joinOrder},
	{Name: "pushdown", Run: pushdown}, // join conditions that the new order has split
	{Name: "prune", Run: prune},
	{Name: "limit", Run: limit},
	{Name: "windowtop", Run: windowTop},
}

// Optimise runs the rules over n and over the shared subplans below it. With only set, just those needed.
func Optimise(c *Context, n logical.Node, only bool) (logical.Node, error) {
	for _, r := range Rules {
		if only && !r.Needed {
			continue
		}
		var err error
		if n, err = apply(c, r, n); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// apply runs a rule over n, and first over the shared subplans that n reads. Rules that look at the whole plan, subplans included, see to
// those themselves.
func apply(c *Context, r Rule, n logical.Node) (logical.Node, error) {
	if r.Name != "prune" && r.Name != "shared" {
		for _, d := range sharedDefs(n) {
			p, err := r.Run(c, d.Plan)
			if err != nil {
				return nil, err
			}
			d.Plan = p
		}
	}
	return r.Run(c, n)
}

// sharedDefs gives the shared subplans that n reads, directly or through others, those first that others read.
func sharedDefs(n logical.Node) []*logical.SharedDef {
	var out []*logical.SharedDef
	seen := map[*logical.SharedDef]bool{}
	var visit func(n logical.Node)
	visit = func(n logical.Node) {
		logical.Walk(n, func(x logical.Node) bool {
			if s, ok := x.(*logical.Shared); ok && !seen[s.Def] {
				seen[s.Def] = true
				visit(s.Def.Plan)
				out = append(out, s.Def)
			}
			return true
		})
	}
	visit(n)
	return out
}

func model() *stats.Model { return stats.New() }

// filterOf puts conditions on n.
func filterOf(n logical.Node, preds []expr.Expr) logical.Node {
	if len(preds) == 0 {
		return n
	}
	if f, ok := n.(*logical.Filter); ok {
		return &logical.Filter{Input: f.Input, Preds: append(f.Preds[:len(f.Preds):len(f.Preds)], preds...)}
	}
	return &logical.Filter{Input: n, Preds: preds}
}

func union(sets ...logical.Set) logical.Set {
	out := logical.Set{}
	for _, s := range sets {
		for id := range s {
			out[id] = true
		}
	}
	return out
}

// overlaps tells whether two sets share a column.
func overlaps(a, b logical.Set) bool {
	for id := range a {
		if b[id] {
			return true
		}
	}
	return false
}

func emptyVector(t types.Type) *vec.Vector { return vec.New(t, 0) }
