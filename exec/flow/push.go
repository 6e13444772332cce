//go:build !invariants

package flow

import "github.com/skep-sql/skep/exec/vec"

func push(b *vec.Batch, emit Emit) error { return emit(b) }
