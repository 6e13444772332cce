package builtin_test

import (
	"testing"

	"github.com/skep-sql/skep/exec/fn/builtin"
)

// TestNames checks that the registry is whole: no name twice (it would panic), and as many as everyday SQL needs.
func TestNames(t *testing.T) {
	r := builtin.NewRegistry()
	examples := 0
	for _, f := range r.All() {
		examples += len(f.Examples)
	}
	if n := len(r.Names()); n < 600 {
		t.Errorf("only %d names", n)
	}
	t.Logf("%d functions, %d names, %d examples", len(r.All()), len(r.Names()), examples)
}
