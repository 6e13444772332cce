package flow

import "github.com/skep-sql/skep/exec/vec"

// Program is some expressions compiled together; package eval makes them. It is immutable and shared.
type Program interface {
	// Machine makes a worker's own registers to run the program with.
	Machine(t *Task) Machine
}

// Machine runs a Program over batches. It belongs to one goroutine.
type Machine interface {
	// Eval gives the value of every expression, one vector each, of b.N rows, in any form, set at the rows that b.Sel keeps. The vectors are
	// valid until the next call and must not be written.
	Eval(b *vec.Batch) ([]*vec.Vector, error)
	// Select runs the program's first expression, a BOOLEAN, over the rows sel of b and gives those where it is true. The result may
	// share sel's memory, and is valid until the next call.
	Select(b *vec.Batch, sel []int32) ([]int32, error)
}
