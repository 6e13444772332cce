package opt

import "github.com/skep-sql/skep/planner/logical"

// limit tells scans below a LIMIT how many rows are wanted, where each of their rows becomes one of the result.
func limit(_ *Context, n logical.Node) (logical.Node, error) {
	return logical.Rewrite(n, func(x logical.Node) logical.Node {
		l, ok := x.(*logical.Limit)
		if !ok || l.Count < 0 {
			return x
		}
		return &logical.Limit{Input: want(l.Input, l.Offset+l.Count), Offset: l.Offset, Count: l.Count}
	}), nil
}

func want(n logical.Node, rows int64) logical.Node {
	switch x := n.(type) {
	case *logical.Project:
		return &logical.Project{Input: want(x.Input, rows), Out: x.Out, Values: x.Values}
	case *logical.Scan:
		if len(x.Filter) > 0 || rows == 0 {
			return x
		}
		out := *x
		out.Limit = rows
		return &out
	}
	return n
}
