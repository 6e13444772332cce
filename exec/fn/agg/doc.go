// Package agg holds the aggregate functions. Their states are columns indexed by group number: typed slices without Go
// pointers, so that a million groups cost the collector nothing. Update never allocates in steady state; loops are typed, and
// batches that fall into one group (vec.AreZeros) are summed in registers.
//
// An Accumulator belongs to one goroutine at a time, except that several may call Merge with the same from, and Result on
// the same accumulator, at once: both only read.
package agg
