package builtin_test

import (
	"testing"

	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/fn/builtin"
)

// BenchmarkRegistry measures what making the registry adds to every start of the program.
func BenchmarkRegistry(b *testing.B) {
	for b.Loop() {
		fn.NewRegistry(builtin.Functions())
	}
}
