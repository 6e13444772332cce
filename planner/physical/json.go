package physical

import (
	"encoding/json"
	"math"

	"github.com/skep-sql/skep/exec/flow"
)

// jsonNode is an operator in the JSON form of a plan. The last three are there after ANALYZE only.
type jsonNode struct {
	Operator      string      `json:"operator"`
	EstimatedRows int64       `json:"estimated_rows"`
	Shared        string      `json:"shared,omitempty"` // the name of a subplan, found under "shared" of the root
	Rows          *int64      `json:"rows,omitempty"`
	Seconds       *float64    `json:"seconds,omitempty"`
	Bytes         *int64      `json:"bytes,omitempty"`
	Inputs        []*jsonNode `json:"inputs,omitempty"`
}

type jsonShared struct {
	Name string    `json:"name"`
	Plan *jsonNode `json:"plan"`
}

// jsonTree makes the JSON form of a plan.
type jsonTree struct {
	seen   map[Node]*flow.OpStats
	shared map[*SharedDef]bool
	queue  []*SharedDef
}

// JSON shows a plan for programs: what Tree shows, as a tree of objects.
func JSON(n Node, seen map[Node]*flow.OpStats) string {
	t := &jsonTree{seen: seen, shared: map[*SharedDef]bool{}}
	out := struct {
		Plan   *jsonNode    `json:"plan"`
		Shared []jsonShared `json:"shared,omitempty"`
	}{Plan: t.json(n)}
	for len(t.queue) > 0 {
		d := t.queue[0]
		t.queue = t.queue[1:]
		out.Shared = append(out.Shared, jsonShared{d.Name, t.json(d.Plan)})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil { // strings and finite numbers always marshal
		return "{}"
	}
	return string(text)
}

func (t *jsonTree) json(n Node) *jsonNode {
	j := &jsonNode{Operator: describe(n), EstimatedRows: int64(math.Min(n.Estimate(), 1<<62))}
	if st := t.seen[n]; st != nil {
		rows, secs, bytes := st.RowsOut.Load(), float64(st.Nanos.Load())/1e9, st.Bytes.Load()
		j.Rows, j.Seconds, j.Bytes = &rows, &secs, &bytes
	}
	if s, ok := n.(*Shared); ok {
		j.Shared = s.Def.Name
		if !t.shared[s.Def] {
			t.shared[s.Def] = true
			t.queue = append(t.queue, s.Def)
		}
	}
	for _, k := range n.Inputs() {
		j.Inputs = append(j.Inputs, t.json(k))
	}
	return j
}
