package multi

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/storage"
)

// unite finds the columns of all files together and how each file's map to them. declared, if not nil, are those wanted.
func (t *table) unite(declared []types.Field) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.uniteLocked(declared)
}

func (t *table) uniteLocked(declared []types.Field) error {
	for i := range t.parts {
		t.parts[i].cols = t.parts[i].t.Schema()
	}
	t.drift, t.stats = nil, nil
	var err error
	switch {
	case declared != nil:
		t.data = declared
		err = t.mapDeclared()
	case len(t.parts) == 1:
		t.data = nil
		p := &t.parts[0]
		p.from = nil
		for i, c := range p.cols {
			if !t.isKey(c.Name) {
				t.data, p.from = append(t.data, c.Field), append(p.from, i)
			}
		}
		p.cast = make([]*kernel.Caster, len(p.from))
	case !t.set.byName:
		err = t.demandEqual()
	default:
		err = t.byName()
	}
	return err
}

// isKey tells whether a partition column has this name: it goes before a file's own.
func (t *table) isKey(name string) bool {
	for _, k := range t.keys {
		if strings.EqualFold(k.Name, name) {
			return true
		}
	}
	return false
}

// lookup gives the file's column of that name, or -1: exactly, else whatever the case.
func (p *part) lookup(name string) int {
	loose := -1
	for i, c := range p.cols {
		if c.Name == name {
			return i
		}
		if loose < 0 && strings.EqualFold(c.Name, name) {
			loose = i
		}
	}
	return loose
}

// mapDeclared maps each file to the declared columns.
func (t *table) mapDeclared() error {
	for i := range t.parts {
		p := &t.parts[i]
		p.from, p.cast = nil, nil
		for _, f := range t.data {
			j := p.lookup(f.Name)
			c, err := p.caster(j, f)
			if err != nil {
				return err
			}
			p.from, p.cast = append(p.from, j), append(p.cast, c)
		}
	}
	return nil
}

// caster gives the conversion of the file's column j to a united one, or nil.
func (p *part) caster(j int, to types.Field) (*kernel.Caster, error) {
	if j < 0 || p.cols[j].Type.Equal(to.Type) {
		return nil, nil
	}
	c, ok := kernel.NewCaster(p.cols[j].Type, to.Type)
	if !ok {
		return nil, sqlerr.New(sqlerr.Data, "%s: column %s is %s, which does not become %s", p.file.Path, to.Name, p.cols[j].Type, to.Type)
	}
	return c, nil
}

// byName unites the columns by name, in the order in which they first occur.
func (t *table) byName() error {
	t.data = nil
	exact := map[string]int{}
	for i := range t.parts {
		for _, c := range t.parts[i].cols {
			name := strings.ToLower(c.Name)
			if _, ok := exact[name]; ok || t.isKey(c.Name) {
				continue
			}
			exact[name] = len(t.data)
			t.data = append(t.data, c.Field)
		}
	}
	for k := range t.data {
		if err := t.uniteColumn(k); err != nil {
			return err
		}
	}
	return t.mapDeclared()
}

// uniteColumn finds the type of united column k.
func (t *table) uniteColumn(k int) error {
	f := &t.data[k]
	first, absent, seen := -1, -1, false
	missing := 0
	guessed := true
	for i := range t.parts {
		p := &t.parts[i]
		j := p.lookup(f.Name)
		if j < 0 {
			if len(p.cols) > 0 { // an empty file is no drift
				if missing++; absent < 0 {
					absent = i
				}
			}
			f.NotNull = false
			continue
		}
		f.NotNull = f.NotNull && p.cols[j].NotNull
		g, had := p.guess(j)
		guessed = guessed && g
		switch {
		case g && !had && seen:
		case !seen:
			f.Type, first, seen = p.cols[j].Type, i, !g || had
		case !f.Type.Equal(p.cols[j].Type):
			if err := t.widen(f, first, i, j, guessed); err != nil {
				return err
			}
		}
	}
	if missing > 0 {
		t.drift = append(t.drift, fmt.Sprintf("column %s is absent in %s", f.Name, short(t.parts[absent].file.Path, missing)))
	}
	return t.settle(f)
}

func (p *part) guess(j int) (guessed, seen bool) {
	if g, ok := p.t.(storage.Guesser); ok {
		return g.Guessed(j)
	}
	return false, true
}

// widen makes the type of f hold column j of file i, too.
func (t *table) widen(f *types.Field, first, i, j int, guessed bool) error {
	p := &t.parts[i]
	was, typ := f.Type, p.cols[j].Type
	if guessed {
		f.Type = p.t.(storage.Guesser).Widen(j, f.Type)
	} else if common, ok := types.Common(was, typ); ok {
		f.Type = common
	} else {
		return sqlerr.New(sqlerr.Data, "column %s is %s in %s and %s in %s", f.Name, was, t.parts[first].file.Path, typ, p.file.Path).
			WithHint("name the files apart, or give the column one type: types => {'%s': 'VARCHAR'}", f.Name)
	}
	t.drift = append(t.drift, fmt.Sprintf("column %s is %s in %s and %s in %s", f.Name, was, filepath.Base(t.parts[first].file.Path), typ, filepath.Base(p.file.Path)))
	return nil
}

// settle gives guessed columns the united type, so that the text is read as that and nothing need be converted.
func (t *table) settle(f *types.Field) error {
	for range 3 { // widening grows to a type that all agree on
		same := true
		for i := range t.parts {
			p := &t.parts[i]
			j := p.lookup(f.Name)
			if j < 0 {
				continue
			}
			if g, seen := p.guess(j); !g || seen && p.cols[j].Type.Equal(f.Type) {
				continue
			}
			p.cols[j].Type = p.t.(storage.Guesser).Widen(j, f.Type)
			if common, ok := types.Common(f.Type, p.cols[j].Type); !p.cols[j].Type.Equal(f.Type) && (ok && !common.Equal(f.Type) || !ok) {
				f.Type, same = p.cols[j].Type, false
			}
		}
		if same {
			return nil
		}
	}
	return nil
}

// demandEqual is for union_by_name => false.
func (t *table) demandEqual() error {
	first := &t.parts[0]
	for i := range t.parts {
		p := &t.parts[i]
		if len(p.cols) != len(first.cols) {
			return sqlerr.New(sqlerr.Data, "%s has %d columns and %s has %d", first.file.Path, len(first.cols), p.file.Path, len(p.cols)).WithHint("union_by_name => true unites files that differ")
		}
		for j, c := range p.cols {
			if a := first.cols[j]; !strings.EqualFold(a.Name, c.Name) || !a.Type.Equal(c.Type) {
				return sqlerr.New(sqlerr.Data, "column %d is %s %s in %s and %s %s in %s", j+1, a.Name, a.Type, first.file.Path, c.Name, c.Type, p.file.Path).
					WithHint("union_by_name => true unites files that differ")
			}
		}
	}
	t.data = nil
	for _, c := range first.cols {
		if !t.isKey(c.Name) {
			t.data = append(t.data, c.Field)
		}
	}
	return t.mapDeclared()
}

func short(path string, n int) string {
	if n == 1 {
		return filepath.Base(path)
	}
	return fmt.Sprintf("%s and %d more", filepath.Base(path), n-1)
}

// maxDrift is how many differences a note tells.
const maxDrift = 5

func (t *table) noteDrift() {
	d := t.drift
	if len(d) == 0 || t.declared {
		return
	}
	if len(d) > maxDrift {
		d = append(d[:maxDrift:maxDrift], fmt.Sprintf("and %d more differences", len(d)-maxDrift))
	}
	t.env.Notef("the files differ: " + strings.Join(d, "; "))
}

// again unites the files anew after one of them has widened a column.
func (t *table) again() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.declared {
		t.err = t.uniteLocked(t.data)
	} else {
		t.err = t.uniteLocked(nil)
	}
}
