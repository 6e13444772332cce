package agg

// The accumulators whose states may be chained: see fn.Chained.

// Chained marks the accumulator.
func (a *counts) Chained() {}

// Chained marks the accumulator.
func (a *sumExact) Chained() {}

// Chained marks the accumulator.
func (a *sumFloat) Chained() {}

// Chained marks the accumulator.
func (a *sumInterval) Chained() {}

// Chained marks the accumulator.
func (a *avgExact) Chained() {}

// Chained marks the accumulator.
func (a *avgFloat) Chained() {}

// Chained marks the accumulator.
func (a *extremeOf[T]) Chained() {}

// Chained marks the accumulator.
func (a *extremeFloat) Chained() {}

// Chained marks the accumulator.
func (a *extremeWide) Chained() {}

// Chained marks the accumulator.
func (a *extremeText) Chained() {}

// Chained marks the accumulator.
func (a *foldAcc[T]) Chained() {}

// Chained marks the accumulator.
func (a *spreadAcc) Chained() {}

// Chained marks the accumulator.
func (a *pairAcc) Chained() {}

// Chained marks the accumulator.
func (a *shapeAcc) Chained() {}
