package vec

// Batch is some rows: vectors of N rows each and the selection of the rows still alive.
type Batch struct {
	Cols   []*Vector
	N      int     // rows of each vector
	Sel    []int32 // row numbers alive, strictly increasing; nil = all N
	Morsel int64   // the morsel the rows come from, in input order
	Seq    int32   // the place of the batch within its morsel
}

// Rows gives the number of rows alive.
func (b *Batch) Rows() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.N
}

var identity = func() []int32 {
	s := make([]int32, 1<<16)
	for i := range s {
		s[i] = int32(i)
	}
	return s
}()

// Identity gives the selection 0…n-1, which must not be changed.
func Identity(n int) []int32 {
	if n <= len(identity) {
		return identity[:n:n]
	}
	s := make([]int32, n)
	for i := range s {
		s[i] = int32(i)
	}
	return s
}
