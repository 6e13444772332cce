package bind

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// sampled binds an item of FROM and takes its sample.
func (b *Binder) sampled(ref ast.TableRef, p *ast.Sample, s *scope, left []column) (logical.Node, []column, error) {
	n, cols, err := b.tableItself(ref, s, left)
	if err != nil {
		return nil, nil, err
	}
	n, err = b.sample(n, p, &scope{outer: s, cols: cols, noAgg: "TABLESAMPLE"})
	return n, cols, err
}

// sample keeps some rows of n: each with the same chance (PERCENT, BUCKET), or the n rows that draw the least numbers (ROWS). With
// REPEATABLE a row's draw comes from its number and the seed. SYSTEM and RESERVOIR draw rows as BERNOULLI does.
func (b *Binder) sample(n logical.Node, p *ast.Sample, s *scope) (logical.Node, error) {
	switch p.Method {
	case "", "BERNOULLI", "SYSTEM", "RESERVOIR":
	default:
		return nil, sqlerr.At(sqlerr.Unsupported, p.Pos, "sampling method %s does not exist", p.Method).WithHint("there are BERNOULLI, SYSTEM and RESERVOIR")
	}
	if p.Unit == ast.SampleBucket && p.On != nil {
		return b.bucket(n, p, s)
	}
	size, err := b.sampleNumber(p.Size, s)
	if err != nil {
		return nil, err
	}
	before := n.Cols()
	n, draw, err := b.draw(n, p, s)
	if err != nil {
		return nil, err
	}
	switch p.Unit {
	case ast.SampleRows:
		if size < 0 {
			return nil, sqlerr.At(sqlerr.Data, p.Size.Position(), "a sample has no negative number of rows")
		}
		return b.leastRows(n, before, draw, int64(size)), nil
	case ast.SampleBucket:
		of, err := b.sampleNumber(p.OutOf, s)
		if err != nil {
			return nil, err
		}
		if of < 1 || size < 1 || size > of {
			return nil, sqlerr.At(sqlerr.Data, p.Pos, "BUCKET x OUT OF y needs an x from 1 to y")
		}
		size = 100 / of
	}
	if size < 0 || size > 100 {
		return nil, sqlerr.At(sqlerr.Data, p.Size.Position(), "a sample is 0 to 100 percent of the rows, not %g", size)
	}
	keep := &expr.Compare{Op: kernel.Lt, L: draw, R: expr.NewDouble(size / 100)}
	return only(&logical.Filter{Input: n, Preds: []expr.Expr{keep}}, before), nil
}

// sampleNumber computes a constant of TABLESAMPLE.
func (b *Binder) sampleNumber(e ast.Expr, s *scope) (float64, error) {
	x, err := b.expr(e, s.constants())
	if err != nil {
		return 0, err
	}
	if x, err = b.cast(x, types.TDouble, e.Position()); err != nil {
		return 0, err
	}
	c, err := b.Fold(x)
	if err != nil {
		return 0, sqlerr.WithPos(err, e.Position())
	}
	v, ok := expr.Double(c)
	if !ok {
		return 0, sqlerr.At(sqlerr.Data, e.Position(), "the size of a sample must not be NULL")
	}
	return v, nil
}

// draw gives each row a number from 0 to 1.
func (b *Binder) draw(n logical.Node, p *ast.Sample, s *scope) (logical.Node, expr.Expr, error) {
	if p.Seed == nil {
		e, err := b.call("random", nil, p.Pos)
		return n, e, err
	}
	seed, err := b.expr(p.Seed, s.constants())
	if err != nil {
		return nil, nil, err
	}
	id := b.NewCol("row_number", types.TBigInt)
	n = &logical.Window{Input: n, Funcs: []*expr.Window{{Name: "row_number", T: types.TBigInt}}, Out: []logical.Col{id}}
	h, err := b.call("hash", []expr.Expr{id.Ref(), seed}, p.Pos)
	if err != nil {
		return nil, nil, err
	}
	const bits = 1 << 52
	if h, err = b.call("pmod", []expr.Expr{h, expr.NewInt(types.TBigInt, bits)}, p.Pos); err != nil {
		return nil, nil, err
	}
	if h, err = b.cast(h, types.TDouble, p.Pos); err != nil {
		return nil, nil, err
	}
	e, err := b.call("/", []expr.Expr{h, expr.NewDouble(bits)}, p.Pos)
	return n, e, err
}

// leastRows keeps the count rows that drew the least.
func (b *Binder) leastRows(n logical.Node, before []logical.Col, draw expr.Expr, count int64) logical.Node {
	col := b.NewCol("draw", draw.Type())
	p := &logical.Project{Input: n}
	for _, c := range before {
		p.Out, p.Values = append(p.Out, c), append(p.Values, c.Ref())
	}
	p.Out, p.Values = append(p.Out, col), append(p.Values, draw)
	sort := &logical.Sort{Input: p, Keys: []expr.SortKey{{Expr: col.Ref()}}, Limit: count}
	return only(&logical.Limit{Input: sort, Count: count}, before)
}

// bucket is Hive's BUCKET x OUT OF y ON e: the rows whose e hashes to bucket x.
func (b *Binder) bucket(n logical.Node, p *ast.Sample, s *scope) (logical.Node, error) {
	e, err := b.expr(p.On, s)
	if err != nil {
		return nil, err
	}
	x, err := b.sampleNumber(p.Size, s)
	if err != nil {
		return nil, err
	}
	y, err := b.sampleNumber(p.OutOf, s)
	if err != nil {
		return nil, err
	}
	if y < 1 || x < 1 || x > y {
		return nil, sqlerr.At(sqlerr.Data, p.Pos, "BUCKET x OUT OF y needs an x from 1 to y")
	}
	h, err := b.call("hash", []expr.Expr{e}, p.Pos)
	if err != nil {
		return nil, err
	}
	if h, err = b.call("pmod", []expr.Expr{h, expr.NewInt(types.TBigInt, int64(y))}, p.Pos); err != nil {
		return nil, err
	}
	return &logical.Filter{Input: n, Preds: []expr.Expr{&expr.Compare{Op: kernel.Eq, L: h, R: expr.NewInt(types.TBigInt, int64(x)-1)}}}, nil
}
