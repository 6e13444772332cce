package command

import (
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
	"github.com/skep-sql/skep/planner/physical"
)

// explain shows the plan of a query; with ANALYZE it runs it first and shows what each operator did.
func (r *run) explain(s *ast.Explain) (*Result, error) {
	q, ok := s.Statement.(*ast.Query)
	if !ok {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "EXPLAIN shows queries only")
	}
	if s.Format != "" && s.Format != "TEXT" && s.Format != "JSON" {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "EXPLAIN has the formats TEXT and JSON, not %s", s.Format)
	}
	p, err := planner.Query(r.ctx, r.planEnv(), q)
	if err != nil {
		return nil, err
	}
	if r.Dry {
		return &Result{}, nil
	}
	seen := map[physical.Node]*flow.OpStats{}
	text := physical.Tree(p.Physical)
	if s.Analyze {
		start := time.Now()
		observe := func(n physical.Node) *flow.OpStats {
			if seen[n] == nil {
				seen[n] = &flow.OpStats{}
			}
			return seen[n]
		}
		rows, err := exec.Run(r.task(), p.Physical, observe)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for {
			b, err := rows.Next(r.ctx)
			if err != nil {
				return nil, err
			}
			if b == nil {
				break
			}
		}
		text = physical.Analyzed(p.Physical, seen, time.Since(start))
	}
	if s.Format == "JSON" {
		return lines("plan", []string{physical.JSON(p.Physical, seen)}), nil
	}
	return lines("plan", strings.Split(strings.TrimRight(text, "\n"), "\n")), nil
}

// lines makes a result of one text column.
func lines(name string, list []string) *Result {
	b := vec.NewBuilder(types.TVarchar)
	for _, l := range list {
		b.AppendBytes([]byte(l))
	}
	return &Result{Rows: exec.Static([]types.Field{{Name: name, Type: types.TVarchar}}, &vec.Batch{Cols: []*vec.Vector{b.Vector()}, N: b.Len()})}
}
