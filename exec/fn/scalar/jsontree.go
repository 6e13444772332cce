package scalar

import (
	"bytes"
	"encoding/json"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// jsonNode is a JSON value taken apart: an object, an array, or anything else as its text. Objects keep the order of their keys.
type jsonNode struct {
	kind byte // '{', '[' or 0
	text []byte
	keys []string
	kids []*jsonNode
}

// maxJSONDepth bounds how deep JSON values nest that are changed.
const maxJSONDepth = 1000

// readJSON takes a JSON text apart. Of several members of one key the last counts.
func readJSON(b []byte, depth int) (*jsonNode, error) {
	if b = bytes.TrimSpace(b); depth == 0 && !json.Valid(b) {
		return nil, dataErr("'%s' is no JSON", shortText(b))
	}
	if depth > maxJSONDepth {
		return nil, sqlerr.New(sqlerr.Limit, "JSON nests more than %d deep", maxJSONDepth)
	}
	n := &jsonNode{text: b}
	switch b[0] {
	case '[':
		n.kind = '['
		var list []json.RawMessage
		if err := json.Unmarshal(b, &list); err != nil {
			return nil, dataErr("'%s' is no JSON", shortText(b))
		}
		for _, v := range list {
			kid, err := readJSON(v, depth+1)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, kid)
		}
	case '{':
		n.kind = '{'
		var m map[string]json.RawMessage
		if err := json.Unmarshal(b, &m); err != nil {
			return nil, dataErr("'%s' is no JSON", shortText(b))
		}
		for _, k := range jsonObjectKeys(b) {
			kid, err := readJSON(m[k], depth+1)
			if err != nil {
				return nil, err
			}
			n.keys, n.kids = append(n.keys, k), append(n.kids, kid)
		}
	}
	return n, nil
}

func shortText(b []byte) []byte {
	if len(b) > 60 {
		return append(b[:57:57], "..."...)
	}
	return b
}

// append writes the value without blanks.
func (n *jsonNode) append(b []byte) []byte {
	if n.kind == 0 {
		return append(b, n.text...)
	}
	b = append(b, n.kind)
	for i, k := range n.kids {
		if i > 0 {
			b = append(b, ',')
		}
		if n.kind == '{' {
			b = append(appendJSONText(b, []byte(n.keys[i])), ':')
		}
		b = k.append(b)
	}
	return append(b, n.kind+2) // } and ] come two after { and [
}

func (n *jsonNode) null() bool { return n.kind == 0 && string(n.text) == "null" }

// find gives the place of a key, or -1.
func (n *jsonNode) find(key string) int {
	for i, k := range n.keys {
		if n.kind == '{' && k == key {
			return i
		}
	}
	return -1
}

func (n *jsonNode) drop(i int) {
	if n.kind == '{' {
		n.keys = append(n.keys[:i:i], n.keys[i+1:]...)
	}
	n.kids = append(n.kids[:i:i], n.kids[i+1:]...)
}

func (n *jsonNode) add(key string, kid *jsonNode) {
	if n.kind == '{' {
		n.keys = append(n.keys, key)
	}
	n.kids = append(n.kids, kid)
}

// step gives the place that a step of a path leads to, or -1.
func (n *jsonNode) step(s jsonStep) int {
	switch {
	case n.kind == '{':
		return n.find(s.key)
	case n.kind == '[' && !s.byKey:
		k := s.index
		if k < 0 {
			k += len(n.kids)
		}
		if k >= 0 && k < len(n.kids) {
			return k
		}
	}
	return -1
}

// equal tells whether two values are the same, whatever the order of keys.
func (n *jsonNode) equal(m *jsonNode) bool {
	if n.kind != m.kind || len(n.kids) != len(m.kids) {
		return false
	}
	if n.kind == 0 {
		return bytes.Equal(n.text, m.text)
	}
	for i, k := range n.kids {
		j := i
		if n.kind == '{' {
			j = m.find(n.keys[i])
		}
		if j < 0 || !k.equal(m.kids[j]) {
			return false
		}
	}
	return true
}
