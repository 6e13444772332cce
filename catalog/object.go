package catalog

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
)

// ObjectKind tells Objects apart.
type ObjectKind string

// The kinds of objects. A name may be that of one of each kind.
const (
	MacroObject    ObjectKind = "macro"
	TypeObject     ObjectKind = "type"
	SequenceObject ObjectKind = "sequence"
)

// Object is something of the catalog that is no table.
type Object struct {
	Kind  ObjectKind
	Name  string
	Text  string      `json:",omitempty"` // of a macro: the text of the CREATE MACRO that made it
	Type  *types.Type `json:",omitempty"` // of a type: what it stands for
	Count *Count      `json:",omitempty"` // of a sequence: how far it has come
}

// Count is where a sequence stands. It never changes; the next one takes its place.
type Count struct {
	Start, Step, Min, Max int64
	Cycle                 bool  `json:",omitempty"`
	Last                  int64 // the number given last, if Used
	Used                  bool  `json:",omitempty"`
}

// key is what an object is found by.
func (k ObjectKind) key(name string) string { return string(k) + " " + strings.ToLower(name) }

func (o *Object) equal(p *Object) bool {
	if o == nil || p == nil || o == p {
		return o == p
	}
	sameType := o.Type == p.Type || o.Type != nil && p.Type != nil && o.Type.Equal(*p.Type)
	sameCount := o.Count == p.Count || o.Count != nil && p.Count != nil && *o.Count == *p.Count
	return o.Kind == p.Kind && o.Name == p.Name && o.Text == p.Text && sameType && sameCount
}

// Object gives an object, or nil.
func (c *Catalog) Object(kind ObjectKind, name string) *Object {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now.objects[kind.key(name)]
}

// Objects gives all objects of a kind, sorted by name.
func (c *Catalog) Objects(kind ObjectKind) []*Object {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Object
	for _, o := range c.now.objects {
		if o.Kind == kind {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *Object) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out
}

// CreateObject adds an object; replace puts it in the place of one of that name.
func (c *Catalog) CreateObject(o *Object, replace bool) error {
	old := c.Object(o.Kind, o.Name)
	if old != nil && !replace {
		return sqlerr.New(sqlerr.Exists, "%s %s exists already", o.Kind, o.Name).WithHint("CREATE OR REPLACE %s replaces it", strings.ToUpper(string(o.Kind)))
	}
	return c.change(change{object: o.Kind.key(o.Name), oldObject: old, newObject: o})
}

// DropObject removes an object.
func (c *Catalog) DropObject(kind ObjectKind, name string) error {
	old := c.Object(kind, name)
	if old == nil {
		var names []string
		for _, o := range c.Objects(kind) {
			names = append(names, o.Name)
		}
		return sqlerr.New(sqlerr.NotFound, "%s %s does not exist", kind, name).WithHint("%s", sqlerr.DidYouMean(name, names))
	}
	return c.change(change{object: kind.key(name), oldObject: old})
}
