package op_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
)

var joinKinds = map[string]op.JoinKind{"inner": op.Inner, "probeouter": op.ProbeOuter, "buildouter": op.BuildOuter, "full": op.FullOuter,
	"semi": op.Semi, "anti": op.Anti, "buildsemi": op.BuildSemi, "buildanti": op.BuildAnti, "mark": op.Mark}

// joinCase is a join of probe(keys…, BIGINT, VARCHAR) and build(keys…, BIGINT, VARCHAR).
type joinCase struct {
	kind      op.JoinKind
	keys      []types.Type
	nullEqual []bool
	nullAware []bool
	residual  bool // probe number <= build number
	probe     []optest.Row
	build     []optest.Row
}

func (c *joinCase) cols() []types.Type {
	return append(append([]types.Type(nil), c.keys...), types.TBigInt, types.TVarchar)
}

func le(a, b any) bool { return a != nil && b != nil && a.(int64) <= b.(int64) }

func (c *joinCase) pipelines(out flow.Sink, seed uint64) []*flow.Pipeline {
	k := len(c.keys)
	var keyCols optest.Cols
	for i := range k {
		keyCols = append(keyCols, i)
	}
	j := &op.JoinBuild{JoinSpec: op.JoinSpec{Kind: c.kind, ProbeTypes: c.cols(), BuildTypes: c.cols(), ProbeCols: []int{k, k + 1},
		BuildCols: []int{k + 1, k}, KeyTypes: c.keys, BuildKeys: keyCols, ProbeKeys: keyCols, NullEqual: c.nullEqual, NullAware: c.nullAware}}
	if c.residual {
		j.ResidualBuild, j.ResidualProbe = []int{k}, []int{k}
		j.Residual = optest.Where(func(r optest.Row) (bool, error) { return le(r[k], r[2*k+2]), nil })
	}
	build := &flow.Pipeline{Name: "build", Source: &optest.Source{Types: c.cols(), Rows: c.build, Seed: seed}, Sink: j}
	probe := &flow.Pipeline{Name: "probe", Source: &optest.Source{Types: c.cols(), Rows: c.probe, Seed: seed + 1}, Stages: []flow.Stage{&op.JoinProbe{Build: j}},
		Sink: out, After: []*flow.Pipeline{build}}
	ps := []*flow.Pipeline{probe, build}
	switch c.kind {
	case op.BuildOuter, op.FullOuter, op.BuildSemi, op.BuildAnti:
		// The rest comes after the probe, into the same sink.
		ps = append(ps, &flow.Pipeline{Name: "rest", Source: &op.JoinRest{Build: j}, Sink: out, After: []*flow.Pipeline{build}})
	}
	return ps
}

// match gives TRUE, FALSE or NULL (unknown).
func (c *joinCase) match(p, b optest.Row) (yes, unknown bool) {
	for i := range c.keys {
		x, y := p[i], b[i]
		switch {
		case x == nil || y == nil:
			if c.nullEqual != nil && c.nullEqual[i] && x == nil && y == nil {
				continue
			}
			if c.nullAware == nil || !c.nullAware[i] {
				return false, false
			}
			unknown = true
		case fmt.Sprint(x) != fmt.Sprint(y):
			return false, false
		}
	}
	k := len(c.keys)
	if c.residual && !le(p[k], b[k]) {
		return false, false
	}
	return !unknown, unknown
}

func (c *joinCase) naive() (rows, rest []optest.Row) {
	k := len(c.keys)
	hit := make([]bool, len(c.build))
	for _, p := range c.probe {
		any, maybe := false, false
		for i, b := range c.build {
			yes, unknown := c.match(p, b)
			maybe = maybe || unknown
			if !yes {
				continue
			}
			any, hit[i] = true, true
			switch c.kind {
			case op.Inner, op.ProbeOuter, op.BuildOuter, op.FullOuter, op.Single:
				rows = append(rows, optest.Row{p[k], p[k+1], b[k+1], b[k]})
			}
		}
		switch {
		case (c.kind == op.ProbeOuter || c.kind == op.FullOuter || c.kind == op.Single) && !any:
			rows = append(rows, optest.Row{p[k], p[k+1], nil, nil})
		case c.kind == op.Semi && any, c.kind == op.Anti && !any && !maybe:
			rows = append(rows, optest.Row{p[k], p[k+1]})
		case c.kind == op.Mark:
			mark := interface{}(any)
			if !any && maybe {
				mark = nil
			}
			rows = append(rows, optest.Row{p[k], p[k+1], mark})
		}
	}
	for i, b := range c.build {
		switch {
		case (c.kind == op.BuildOuter || c.kind == op.FullOuter) && !hit[i]:
			rest = append(rest, optest.Row{nil, nil, b[k+1], b[k]})
		case c.kind == op.BuildSemi && hit[i], c.kind == op.BuildAnti && !hit[i]:
			rest = append(rest, optest.Row{b[k+1], b[k]})
		}
	}
	return rows, rest
}

// unique drops rows whose keys were there before.
func unique(rows []optest.Row, k int) []optest.Row {
	seen := map[string]bool{}
	var out []optest.Row
	for _, r := range rows {
		if s := fmt.Sprintf("%q", optest.Text([]optest.Row{r[:k]})); !seen[s] {
			seen[s] = true
			out = append(out, r)
		}
	}
	return out
}

func TestJoin(t *testing.T) {
	sets := [][]types.Type{{types.TInteger}, {types.TBigInt}, {types.TVarchar}, {types.TInteger, types.TBoolean}, {types.TVarchar, types.TBigInt}, {types.TDouble}, {}}
	for name, kind := range joinKinds {
		for _, keys := range sets {
			t.Run(fmt.Sprint(name, keys), func(t *testing.T) {
				setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
					c := &joinCase{kind: kind, keys: keys, residual: rng.IntN(2) == 0}
					n, distinct := 200, 5+rng.IntN(60)
					if len(keys) == 0 {
						n = 90
					}
					c.probe, c.build = randomRows(rng, c.cols(), n, distinct), randomRows(rng, c.cols(), rng.IntN(n), distinct)
					if rng.IntN(2) == 0 {
						c.build = unique(c.build, len(keys))
					}
					if rng.IntN(2) == 0 && len(keys) > 0 {
						c.nullEqual = make([]bool, len(keys))
						c.nullEqual[0] = true
					} else if kind == op.Mark || kind == op.Anti {
						c.nullAware = make([]bool, len(keys))
						for i := range keys {
							c.nullAware[i] = i == 0 || rng.IntN(2) == 0
						}
					}
					out := &optest.Collect{}
					run(t, task, c.pipelines(out, rng.Uint64())...)
					rows, rest := c.naive()
					same(t, optest.Text(out.Rows()), optest.Text(append(rows, rest...)))
				})
			})
		}
	}
}

func TestJoinSingle(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		c := &joinCase{kind: op.Single, keys: []types.Type{types.TInteger}}
		c.probe, c.build = randomRows(rng, c.cols(), 100, 20), unique(randomRows(rng, c.cols(), 30, 20), 1)
		out := &optest.Collect{}
		run(t, task, c.pipelines(out, 1)...)
		rows, _ := c.naive()
		same(t, optest.Text(out.Rows()), optest.Text(rows))
		c.build = append(c.build, optest.Row{c.probe[0][0], int64(1), "x"}, optest.Row{int64(3), nil, "y"}, optest.Row{int64(3), nil, "z"})
		c.probe = append(c.probe, optest.Row{int64(3), nil, "p"})
		err := flow.Run(task, c.pipelines(&optest.Collect{}, 1))
		if sqlerr.ClassOf(err) != sqlerr.Data {
			t.Fatal("two partners gave", err)
		}
	})
}

// TestJoinManyPartners checks that pairs come in batches of the size asked for.
func TestJoinManyPartners(t *testing.T) {
	c := &joinCase{kind: op.Inner, keys: []types.Type{types.TInteger}}
	for i := range 300 {
		c.probe = append(c.probe, optest.Row{int64(1), int64(i), "p"})
		c.build = append(c.build, optest.Row{int64(1), int64(i), "b"})
	}
	out := &sizes{}
	run(t, optest.Task(2, 64), c.pipelines(out, 3)...)
	if out.rows != 90000 || out.most > 64 {
		t.Fatalf("%d rows in batches of up to %d", out.rows, out.most)
	}
}

func TestEmptyBuildStopsProbe(t *testing.T) {
	c := &joinCase{kind: op.Inner, keys: []types.Type{types.TInteger}}
	c.probe = []optest.Row{{int64(1), int64(1), "p"}}
	ps := c.pipelines(&optest.Collect{}, 3)
	run(t, optest.Task(2, 64), ps...)
	if ps[0].Source.(*optest.Source).Opened != 0 {
		t.Fatal("the probe side was read")
	}
}
