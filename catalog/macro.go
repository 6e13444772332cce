package catalog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Macro is a function that is written in SQL: the text of the CREATE MACRO that made it.
type Macro struct {
	Name, Text string
}

// macroFile holds the macros of a warehouse.
const macroFile = "_macros.json"

// Macro gives a macro, or nil.
func (c *Catalog) Macro(name string) *Macro {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.macros[strings.ToLower(name)]
}

// Macros gives all macros, sorted by name.
func (c *Catalog) Macros() []*Macro {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Macro
	for _, m := range c.macros {
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
	return c.changeMacros(func(all map[string]*Macro) { all[strings.ToLower(m.Name)] = m })
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
	return c.changeMacros(func(all map[string]*Macro) { delete(all, strings.ToLower(name)) })
}

// changeMacros changes a copy of the macros, stores it, and puts it in place.
func (c *Catalog) changeMacros(change func(map[string]*Macro)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]*Macro{}
	for k, m := range c.macros {
		all[k] = m
	}
	change(all)
	if c.dir != "" {
		text, err := json.MarshalIndent(all, "", "  ")
		if err == nil {
			err = WriteAtomic(filepath.Join(c.dir, macroFile), text)
		}
		if err != nil {
			return sqlerr.Wrap(sqlerr.IO, err, "cannot store the macros")
		}
	}
	c.macros = all
	return nil
}

// loadMacros reads the macros of a warehouse.
func (c *Catalog) loadMacros() error {
	path := filepath.Join(c.dir, macroFile)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "cannot read %s", path)
	}
	if err := json.Unmarshal(text, &c.macros); err != nil {
		return sqlerr.Wrap(sqlerr.Data, err, "%s is damaged", path)
	}
	return nil
}
