package types

import (
	"encoding/json"
	"fmt"
)

// nested is a nested type in JSON: its kind and the types inside.
type nested struct {
	Kind  string
	Elems []Field
	N     int32 `json:",omitempty"`
}

// MarshalJSON writes a plain type as its name in SQL, so that what is stored does not depend on how types are numbered here, and a nested one
// as an object.
func (t Type) MarshalJSON() ([]byte, error) {
	if t.IsNested() {
		return json.Marshal(nested{t.Kind.String(), t.Elems, t.N})
	}
	return json.Marshal(t.String())
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Type) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '{' {
		var n nested
		if err := json.Unmarshal(text, &n); err != nil {
			return err
		}
		for k := Array; int(k) < len(kindNames); k++ {
			if k.String() == n.Kind {
				*t = Type{Kind: k, Elems: n.Elems, N: n.N}
				want := map[Kind]int{Array: 1, Map: 2}[k]
				if want > 0 && len(n.Elems) != want {
					return fmt.Errorf("%s of %d types", n.Kind, len(n.Elems))
				}
				return nil
			}
		}
		return fmt.Errorf("type %s does not exist", n.Kind)
	}
	var name string
	if err := json.Unmarshal(text, &name); err != nil {
		return err
	}
	if name == (Type{}).String() {
		*t = Type{}
		return nil
	}
	var err error
	*t, err = Parse(name)
	return err
}
