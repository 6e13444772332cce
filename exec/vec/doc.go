// Package vec holds the data of a running query: vectors in Arrow's memory layout, batches of them, and the
// builders that keep rows.
//
// A Vector is one column of a batch, in one of three forms:
//
//	Flat   one value a row:        data = values[Len]
//	Const  one value for all rows: data = values[1]
//	Dict   one code a row:         data = int32 codes[Len], values in Dict.Values
//
// Validity is a bitmap, one bit a row (Const: bit 0), set = valid; nil means that nothing is NULL. What lies under a
// NULL is any value of the type, readable but meaningless. Dictionaries hold no NULLs: the rows do.
//
// A Batch is some vectors of equal length and a selection: the strictly increasing row numbers still alive, or nil for all.
//
// Who owns memory: a batch is borrowed. It is valid until the Push or Next that handed it over is done; who keeps rows
// copies them (Builder). Vectors are reused by the worker that made them, so nothing is allocated in steady state. A *Dict is
// the exception: it never changes, belongs to the collector, and may be kept.
package vec
