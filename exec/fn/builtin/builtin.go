// Package builtin lists the functions that come with the engine.
package builtin

import (
	"sync"

	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/fn/agg"
	"github.com/skep-sql/skep/exec/fn/listagg"
	"github.com/skep-sql/skep/exec/fn/scalar"
)

// Functions gives the scalar and aggregate functions.
func Functions() []*fn.Function {
	out := make([]*fn.Function, 0, len(scalar.All)+len(agg.All))
	return append(append(append(out, scalar.All...), listagg.All()...), agg.All...)
}

// NewRegistry gives the registry of Functions, which is made once and shared: it is immutable.
func NewRegistry() *fn.Registry { return registry() }

var registry = sync.OnceValue(func() *fn.Registry { return fn.NewRegistry(Functions()) })
