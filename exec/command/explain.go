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
	q, above := explained(s.Statement)
	switch {
	case q == nil:
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "EXPLAIN shows queries, and the queries of INSERT, CREATE TABLE AS and COPY TO")
	case above != "" && s.Analyze:
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "EXPLAIN ANALYZE runs queries only").WithHint("EXPLAIN ANALYZE of the query, or EXPLAIN of the statement")
	}
	if in, ok := s.Statement.(*ast.Insert); ok {
		if _, err := r.planEnv().Binder(r.ctx).Table(in.Table); err != nil {
			return nil, err
		}
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
	list := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if above != "" {
		for i := range list {
			list[i] = "   " + list[i]
		}
		list[0] = "└─ " + strings.TrimPrefix(list[0], "   ")
		list = append([]string{above}, list...)
	}
	return lines("plan", list), nil
}

// explained gives the query that a statement runs, and what the statement does with its rows: "" where it is the query itself.
func explained(s ast.Statement) (q *ast.Query, above string) {
	switch s := s.(type) {
	case *ast.Query:
		return s, ""
	case *ast.Insert:
		if s.Query == nil || s.Directory != nil {
			return nil, ""
		}
		q := *s.Query
		q.With, q.Recursive = append(s.With[:len(s.With):len(s.With)], q.With...), q.Recursive || s.Recursive
		return &q, "insert into " + s.Table.String()
	case *ast.CreateTable:
		return s.As, "create table " + s.Name.String()
	case *ast.Copy:
		if !s.From && s.Query != nil {
			return s.Query, "copy to a file"
		}
	}
	return nil, ""
}

// lines makes a result of one text column.
func lines(name string, list []string) *Result {
	b := vec.NewBuilder(types.TVarchar)
	for _, l := range list {
		b.AppendBytes([]byte(l))
	}
	return &Result{Rows: exec.Static([]types.Field{{Name: name, Type: types.TVarchar}}, &vec.Batch{Cols: []*vec.Vector{b.Vector()}, N: b.Len()})}
}
