package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

var jsonFn = &fn.Function{
	Name: "json", Category: "json", Doc: "The text as JSON, without blanks; an error where it is none.", Examples: tex(`json('{"a": [1, 2]}')`, `{"a":[1,2]}`),
	Overloads: []*fn.Overload{failing(sig(types.TJSON, rowFn(func(r *row, dst []byte) ([]byte, bool, error) {
		n, err := readJSON(r.str(0), 0)
		if err != nil {
			return nil, false, err
		}
		return n.append(dst), true, nil
	}), types.TVarchar))},
}
