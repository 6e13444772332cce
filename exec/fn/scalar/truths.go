package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// truths makes a fold of BOOLEAN arrays in three-valued logic: decided is the value that decides, whatever the others are.
func truths(name, doc string, decided bool, examples ...string) *fn.Function {
	return &fn.Function{
		Name: name, Category: "nested", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{sig(types.TBoolean, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
			dst := vec.Values[uint8](out)
			for _, i := range sel {
				l, unknown := listAt(args[0], i), false
				dst[i] = b2u(!decided)
				for k := l.off; k < l.off+l.n; k++ {
					if l.kid.IsNull(k) {
						unknown = true
					} else if (vec.ValueAt[uint8](l.kid, k) != 0) == decided {
						dst[i], unknown = b2u(decided), false
						break
					}
				}
				if unknown {
					out.SetNull(int(i))
				}
			}
			return nil
		}, types.NewArray(types.TBoolean))},
	}
}

var (
	listAnyTrue = truths("list_any_true", "Whether an element is true; NULL if none is and one is NULL. exists(array, x -> condition) asks it of a condition.", true, "list_any_true([false, true])", "true", "exists([1, 2], x -> x > 1)", "true", "list_any_true([false, NULL])", "NULL")
	listAllTrue = truths("list_all_true", "Whether all elements are true; NULL if none is false and one is NULL. forall(array, x -> condition) asks it of a condition.", false, "list_all_true([false, true])", "false", "forall([1, 2], x -> x > 0)", "true")
)
