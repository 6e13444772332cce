// Package mem is the memory budget of a database: one Budget, from which every operator that holds rows reserves
// what it holds. A reservation is bookkeeping, not allocation: memory belongs to the collector as ever. When the budget
// is used up, Grow gives a *LimitError and the operator spills or fails; nothing is killed.
package mem

import (
	"fmt"
	"sync/atomic"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Budget is a number of bytes shared by all queries of a database. It is safe for many goroutines.
type Budget struct {
	limit atomic.Int64
	used  atomic.Int64
	peak  atomic.Int64
}

// NewBudget makes a budget of limit bytes; 0 or less means no limit.
func NewBudget(limit int64) *Budget {
	b := &Budget{}
	b.limit.Store(limit)
	return b
}

// SetLimit changes the limit; what is reserved stays reserved.
func (b *Budget) SetLimit(limit int64) { b.limit.Store(limit) }

// Limit gives the limit in bytes; 0 or less means none.
func (b *Budget) Limit() int64 { return b.limit.Load() }

// Used gives the bytes reserved now.
func (b *Budget) Used() int64 { return b.used.Load() }

// Peak gives the largest number of bytes reserved at a time.
func (b *Budget) Peak() int64 { return b.peak.Load() }

// ResetPeak makes what is reserved now the largest number so far.
func (b *Budget) ResetPeak() { b.peak.Store(b.used.Load()) }

// LimitError says that a reservation would pass the budget.
type LimitError struct{ Want, Used, Limit int64 }

// Error names the figures.
func (e *LimitError) Error() string {
	return fmt.Sprintf("out of memory: %d more bytes wanted, %d of %d in use", e.Want, e.Used, e.Limit)
}

// Unwrap gives the error its class for users.
func (e *LimitError) Unwrap() error {
	return sqlerr.New(sqlerr.Limit, "memory_limit reached").WithHint("raise it: SET memory_limit = '8GB'")
}

// Reservation is one operator's share of a budget. It is safe for many goroutines. A nil Reservation grants everything.
type Reservation struct {
	b    *Budget
	held atomic.Int64
}

// Reserve opens an empty reservation.
func (b *Budget) Reserve() *Reservation { return &Reservation{b: b} }

// Grow reserves n more bytes, or gives a *LimitError and reserves nothing.
func (r *Reservation) Grow(n int64) error {
	if r == nil || n == 0 {
		return nil
	}
	used := r.b.used.Add(n)
	if limit := r.b.limit.Load(); limit > 0 && used > limit && n > 0 {
		r.b.used.Add(-n)
		return &LimitError{n, used - n, limit}
	}
	for p := r.b.peak.Load(); used > p && !r.b.peak.CompareAndSwap(p, used); p = r.b.peak.Load() {
	}
	r.held.Add(n)
	return nil
}

// Resize makes the reservation hold n bytes in all.
func (r *Reservation) Resize(n int64) error {
	if r == nil {
		return nil
	}
	return r.Grow(n - r.held.Load())
}

// Held gives the bytes reserved.
func (r *Reservation) Held() int64 {
	if r == nil {
		return 0
	}
	return r.held.Load()
}

// Free gives everything back. It may be called twice.
func (r *Reservation) Free() {
	if r != nil {
		r.b.used.Add(-r.held.Swap(0))
	}
}
