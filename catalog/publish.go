package catalog

import (
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// maxRaces bounds how often a commit starts over because another one was faster.
const maxRaces = 10000

// Mark is a place to go back to.
type Mark struct {
	now     *state
	changes int
	held    bool
	list    []change
}

// Refresh takes the newest version, unless changes wait or the view is frozen.
func (c *Catalog) Refresh() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held || c.frozen {
		return nil
	}
	s, err := c.store.latest()
	if err != nil {
		return err
	}
	c.base, c.now = s, s
	return nil
}

// Hold lets changes wait for Publish from now on, and gives the mark that Reset goes back to.
func (c *Catalog) Hold() Mark {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := Mark{c.now, len(c.changes), c.held, append([]change(nil), c.changes...)}
	c.held = true
	return m
}

// Reset takes back what was changed since the mark was made.
func (c *Catalog) Reset(m Mark) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.changes, c.held = m.now, m.list, m.held
}

// Changed tells whether changes wait.
func (c *Catalog) Changed() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.changes) > 0
}

// Publish makes the waiting changes one new version, all or none, and ends Hold. operation says what they are, for those who see them.
func (c *Catalog) Publish(operation string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	changes := c.changes
	c.changes, c.held = nil, false
	if len(changes) == 0 {
		return nil
	}
	next, err := c.store.commit(changes, operation)
	if err != nil {
		c.now = c.base
		return err
	}
	c.base, c.now = next, next
	return nil
}

// change makes a change, and publishes it unless changes wait.
func (c *Catalog) change(x change) error {
	c.mu.Lock()
	if x.new != nil {
		x.new.manifest = "" // it may be a copy of one that is written
	}
	next, err := c.now.with(&x)
	if err == nil && !c.now.unchanged(&x) {
		err = conflict(&x, c.now)
	}
	if err != nil {
		c.mu.Unlock()
		return err
	}
	c.now = next
	c.add(x)
	held := c.held
	c.mu.Unlock()
	if held {
		return nil
	}
	return c.Publish("")
}

// add joins a change to an earlier one of the same thing.
func (c *Catalog) add(x change) {
	for i := len(c.changes) - 1; i >= 0 && x.name != ""; i-- {
		p := &c.changes[i]
		if p.name == "" && strings.EqualFold(p.db, x.db) {
			break // its database was dropped or made in between
		}
		if !p.same(&x) {
			continue
		}
		merged := change{db: x.db, name: x.name, old: p.old, new: x.new}
		if first, second := p.rebase, x.rebase; first != nil && second != nil {
			merged.rebase = func(now *Table) (*Table, error) {
				t, err := first(now)
				if err != nil {
					return nil, err
				}
				return second(t)
			}
		}
		*p = merged
		return
	}
	c.changes = append(c.changes, x)
}

// conflict says that somebody else changed the same thing.
func conflict(x *change, now *state) error {
	what := "table " + x.name
	if x.object != "" {
		what = x.object
	} else if x.name == "" {
		what = "database " + x.db
	}
	by := "another statement"
	if now.operation != "" {
		by = now.operation
	}
	return sqlerr.New(sqlerr.Conflict, "%s was changed at the same time: version %d is of %s", what, now.version, by).WithHint("run it again")
}

// commit puts changes on top of the newest version.
func (s *store) commit(changes []change, operation string) (*state, error) {
	for range maxRaces {
		latest, err := s.latest()
		if err != nil {
			return nil, err
		}
		next := latest
		for i := range changes {
			x := changes[i]
			if !next.unchanged(&x) {
				cur := latest.lookup(x.db, x.name)
				if x.rebase == nil || cur == nil || x.old == nil {
					return nil, conflict(&x, latest)
				}
				if x.new, err = x.rebase(cur); err != nil {
					return nil, err
				}
				if x.new == nil {
					return nil, conflict(&x, latest)
				}
				x.new.manifest = ""
			}
			if next, err = next.with(&x); err != nil {
				return nil, err
			}
		}
		own := *next
		own.version, own.operation, own.time = latest.version+1, oneLine(operation), time.Now().UTC()
		if own.time.Before(latest.time) {
			own.time = latest.time
		}
		if ok, err := s.put(latest, &own, changes); ok || err != nil {
			return &own, err
		}
	}
	return nil, sqlerr.New(sqlerr.Conflict, "%d commits of others came first", maxRaces).WithHint("run it again")
}

// oneLine shortens a statement's text.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 100 {
		s = string(r[:99]) + "…"
	}
	return s
}
