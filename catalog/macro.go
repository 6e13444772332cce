package catalog

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Macro is a function that is written in SQL: the text of the CREATE MACRO that made it.
type Macro struct {
	Name, Text string
}

// Macro gives a macro, or nil.
func (c *Catalog) Macro(name string) *Macro {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now.macros[strings.ToLower(name)]
}

// Macros gives all macros, sorted by name.
func (c *Catalog) Macros() []*Macro {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Macro
	for _, m := range c.now.macros {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b *Macro) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out
}

// CreateMacro adds a macro; replace puts it in the place of one of that name.
func (c *Catalog) CreateMacro(m *Macro, replace bool) error {
	if c.Macro(m.Name) != nil && !replace {
		return sqlerr.New(sqlerr.Exists, "macro %s exists already", m.Name).WithHint("CREATE OR REPLACE MACRO replaces it")
	}
	return c.change(change{macro: m.Name, oldMacro: c.Macro(m.Name), newMacro: m})
}

// DropMacro removes a macro.
func (c *Catalog) DropMacro(name string) error {
	if c.Macro(name) == nil {
		var names []string
		for _, m := range c.Macros() {
			names = append(names, m.Name)
		}
		return sqlerr.New(sqlerr.NotFound, "macro %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, names))
	}
	return c.change(change{macro: name, oldMacro: c.Macro(name)})
}
