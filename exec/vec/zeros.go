package vec

var zeros = make([]int32, 1<<16)

// Zeros gives n zeros, which must not be changed: the group numbers of an aggregate without groups, or the rows of a constant.
func Zeros(n int) []int32 {
	if n <= len(zeros) {
		return zeros[:n:n]
	}
	return make([]int32, n)
}

// AreZeros tells whether s comes from Zeros, so that a loop need not look at it. False says nothing.
func AreZeros(s []int32) bool { return len(s) > 0 && &s[0] == &zeros[0] }
