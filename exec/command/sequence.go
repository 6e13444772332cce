package command

import (
	"math"
	"strings"
	"sync"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// Where a sequence stands is part of the catalog: a statement that takes numbers changes it, in the version that its other changes are in. So
// numbers of a statement that fails, or of a transaction that is rolled back, are given again.

// sequences are those that a statement takes numbers of.
type sequences struct {
	r    *run
	mu   sync.Mutex
	held map[string]*held // by lower-case name
}

// held is a sequence in use.
type held struct {
	was   *catalog.Object
	home  *catalog.Catalog
	count catalog.Count
}

func (s *sequences) find(name string) (*held, error) {
	name = name[strings.LastIndexByte(name, '.')+1:]
	key := strings.ToLower(strings.Trim(name, `"`))
	if h := s.held[key]; h != nil {
		return h, nil
	}
	home := s.r.Session.Home(true)
	o := home.Object(catalog.SequenceObject, key)
	if o == nil {
		home = s.r.Session.Home(false)
		o = home.Object(catalog.SequenceObject, key)
	}
	if o == nil {
		var names []string
		for _, x := range s.r.Session.Objects(catalog.SequenceObject) {
			names = append(names, x.Name)
		}
		return nil, sqlerr.New(sqlerr.NotFound, "sequence %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, names))
	}
	h := &held{was: o, home: home, count: *o.Count}
	s.held[key] = h
	return h, nil
}

// Next writes the next numbers of a sequence.
func (s *sequences) Next(name string, out []int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, err := s.find(name)
	if err != nil {
		return err
	}
	c := h.count
	for i := range out {
		switch {
		case !c.Used:
			c.Used = true
		case c.Step > 0 && uint64(c.Max)-uint64(c.Last) < uint64(c.Step), c.Step < 0 && uint64(c.Last)-uint64(c.Min) < -uint64(c.Step): // differences fit 64 bits without a sign
			if !c.Cycle {
				return sqlerr.New(sqlerr.Data, "sequence %s has given its last number, %d", h.was.Name, c.Last).WithHint("CYCLE lets it begin again")
			}
			if c.Last = c.Min; c.Step < 0 {
				c.Last = c.Max
			}
		default:
			c.Last += c.Step
		}
		out[i] = c.Last
	}
	h.count = c
	if len(out) > 0 {
		s.r.Session.SetGiven(h.was.Name, c.Last)
	}
	return nil
}

// Last gives the number that the session was given last.
func (s *sequences) Last(name string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, err := s.find(name)
	if err != nil {
		return 0, err
	}
	n, ok := s.r.Session.Given(h.was.Name)
	if !ok {
		return 0, sqlerr.New(sqlerr.Data, "sequence %s has given this session no number yet", h.was.Name).WithHint("nextval('%s') gives one", h.was.Name)
	}
	return n, nil
}

// Restart makes n the number given last, or the one to be given next.
func (s *sequences) Restart(name string, n int64, used bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, err := s.find(name)
	if err != nil {
		return err
	}
	if n < h.count.Min || n > h.count.Max {
		return sqlerr.New(sqlerr.Data, "%d is not between %d and %d, the numbers of sequence %s", n, h.count.Min, h.count.Max, h.was.Name)
	}
	h.count.Last, h.count.Used = n, used
	return nil
}

// keep changes the catalog.
func (s *sequences) keep() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.held {
		if h.count == *h.was.Count {
			continue
		}
		o := *h.was
		count := h.count
		o.Count = &count
		if err := h.home.CreateObject(&o, true); err != nil {
			return err
		}
	}
	return nil
}

// takesNumbers tells whether a plan takes numbers of a sequence.
func takesNumbers(n logical.Node) (found bool) {
	logical.Walk(n, func(n logical.Node) bool {
		for _, e := range n.Exprs() {
			expr.Walk(e, func(x expr.Expr) bool {
				c, ok := x.(*expr.Call)
				found = found || ok && c.Fn.Numbers
				return !found
			})
		}
		return !found
	})
	return found
}

// createSequence makes a sequence.
func (r *run) createSequence(s *ast.CreateSequence) (*Result, error) {
	home := r.Session.Home(s.Temp)
	if s.IfNotExists && home.Object(catalog.SequenceObject, s.Name.Last()) != nil {
		return &Result{}, nil
	}
	c := catalog.Count{Step: 1, Min: 1, Max: math.MaxInt64, Cycle: s.Cycle}
	if s.Step != nil {
		c.Step = *s.Step
	}
	if c.Step < 0 {
		c.Min, c.Max = math.MinInt64, -1
	}
	if s.Min != nil {
		c.Min = *s.Min
	}
	if s.Max != nil {
		c.Max = *s.Max
	}
	if c.Start = c.Min; c.Step < 0 {
		c.Start = c.Max
	}
	if s.Start != nil {
		c.Start = *s.Start
	}
	switch {
	case c.Step == 0:
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "INCREMENT BY 0 would give one number for ever")
	case c.Min >= c.Max:
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "MINVALUE %d is not less than MAXVALUE %d", c.Min, c.Max)
	case c.Start < c.Min || c.Start > c.Max:
		return nil, sqlerr.At(sqlerr.Bind, s.Pos, "START %d is not between MINVALUE %d and MAXVALUE %d", c.Start, c.Min, c.Max)
	}
	c.Last = c.Start
	r.Session.ForgetGiven(s.Name.Last())
	o := &catalog.Object{Kind: catalog.SequenceObject, Name: s.Name.Last(), Count: &c}
	return &Result{}, sqlerr.WithPos(home.CreateObject(o, s.OrReplace), s.Name.Position())
}

// dropSequence removes a sequence; one that a column's default asks only with CASCADE, which drops the default.
func (r *run) dropSequence(s *ast.Drop, name ast.Path) error {
	for _, home := range []*catalog.Catalog{r.Session.Home(true), r.Session.Home(false)} {
		for _, db := range home.Databases() {
			tables, err := home.Tables(db)
			if err != nil {
				return err
			}
			for _, t := range tables {
				if err := r.undefault(home, t, name.Last(), s.Cascade); err != nil {
					return err
				}
			}
		}
	}
	return r.dropObject(catalog.SequenceObject, s, name)
}

// undefault takes defaults away that ask a sequence.
func (r *run) undefault(home *catalog.Catalog, t *catalog.Table, sequence string, cascade bool) error {
	now := *t
	now.Columns = append([]catalog.Column(nil), t.Columns...)
	changed := false
	for i := range now.Columns {
		c := &now.Columns[i]
		if !asks(c.Default, sequence) {
			continue
		}
		if !cascade {
			return sqlerr.New(sqlerr.Exists, "column %s of table %s has numbers of sequence %s as its default", c.Name, t.Name, sequence).
				WithHint("DROP SEQUENCE %s CASCADE drops the default, too", sequence)
		}
		c.Default, changed = "", true
	}
	if !changed {
		return nil
	}
	return home.Update(t, &now, nil)
}

// asks tells whether an expression takes numbers of a sequence.
func asks(text, sequence string) (found bool) {
	if text == "" {
		return false
	}
	x, err := parser.ParseExpr(text)
	if err != nil {
		return false
	}
	ast.Walk(x, func(e ast.Expr) bool {
		if c, ok := e.(*ast.Call); ok && strings.EqualFold(c.Name.Last(), "nextval") && len(c.Args) == 1 {
			l, ok := c.Args[0].Value.(*ast.Literal)
			found = found || ok && strings.EqualFold(l.Text[strings.LastIndexByte(l.Text, '.')+1:], sequence)
		}
		return !found
	})
	return found
}
