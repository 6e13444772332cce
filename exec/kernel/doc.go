// Package kernel holds the loops over typed vectors that everything else is made of: arithmetic, comparison, casts, and the
// conversion of single values from and to text. A kernel is one operation for one physical layout; which one runs is decided
// once a batch, never once a row.
//
// Convention: args are Flat or Const; sel lists the rows to compute, is never nil, and is every row in order when its length
// is the vector's; rows outside sel may hold anything afterwards. Kernels own no memory.
package kernel
