package op

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/kernel"
)

// JoinKind says which rows a join gives.
type JoinKind uint8

// The kinds of joins. The probe side is the pipeline that the join is a stage of.
const (
	Inner      JoinKind = iota
	ProbeOuter          // and probe rows without a partner, with NULLs for the build columns
	BuildOuter          // and build rows without a partner, with NULLs for the probe columns
	FullOuter           // both
	Semi                // probe rows with a partner, once
	Anti                // probe rows without a partner
	BuildSemi           // build rows with a partner, once
	BuildAnti           // build rows without a partner
	Mark                // every probe row once, with a BOOLEAN at the end: whether it has a partner
	Single              // ProbeOuter, but a second partner is an error: a scalar subquery
)

// JoinSpec describes a join. Without keys it is a nested-loop join: every pair of rows is tried.
//
// A build row and a probe row are partners when all keys are equal and Residual is true. Output columns: ProbeCols of the
// probe batch, then BuildCols of the build batch (for Semi and Anti: ProbeCols only; for Mark: ProbeCols and the mark; for
// BuildSemi and BuildAnti: BuildCols only).
type JoinSpec struct {
	Kind       JoinKind
	ProbeTypes []types.Type // all columns of the probe batches
	BuildTypes []types.Type // all columns of the build batches
	ProbeCols  []int
	BuildCols  []int
	// Residual is a condition over batches of all probe columns, then all build columns; nil for none.
	Residual flow.Program
	// ResidualBuild are the build columns that Residual reads; the others are nil vectors in its batches. nil = all of them.
	ResidualBuild []int
	// ResidualProbe likewise: the probe columns that Residual reads. nil = all of them.
	ResidualProbe []int

	// KeyTypes, BuildKeys and ProbeKeys are the equality keys; both sides have been cast to the same type.
	KeyTypes             []types.Type
	BuildKeys, ProbeKeys flow.Program
	// NullEqual[i]: key i compares with IS NOT DISTINCT FROM. nil = none does.
	NullEqual []bool
	// NullAware[i] (Mark and Anti): key i is part of an IN: where it is NULL on either side, the comparison is unknown, and the
	// mark of a row without a partner but with an unknown comparison is NULL; Anti drops such rows (NOT IN). nil = none is.
	NullAware []bool
	// Range, if set, demands value Range[k] bound k too: BuildKeys gives, behind the keys, a value of type RangeType, and ProbeKeys the bounds:
	// one lower or one upper bound, or both. The build rows are sorted by keys and value, and partners are searched; those of a probe row
	// come in the order of the value.
	Range     []kernel.CmpOp
	RangeType types.Type
}

func (s *JoinSpec) nullEqual(i int) bool { return i < len(s.NullEqual) && s.NullEqual[i] }
func (s *JoinSpec) nullAware(i int) bool { return i < len(s.NullAware) && s.NullAware[i] }

// anyAware tells whether the join has three-valued logic.
func (s *JoinSpec) anyAware() bool {
	for i := range s.NullAware {
		if s.NullAware[i] {
			return true
		}
	}
	return false
}

// probeOuter tells whether probe rows without a partner are given out.
func (s *JoinSpec) probeOuter() bool {
	return s.Kind == ProbeOuter || s.Kind == FullOuter || s.Kind == Single
}

// marksBuild tells whether the join has to know which build rows have found a partner.
func (s *JoinSpec) marksBuild() bool {
	switch s.Kind {
	case BuildOuter, FullOuter, BuildSemi, BuildAnti:
		return true
	}
	return false
}

// dropsProbe tells whether probe rows without a partner leave no trace.
func (s *JoinSpec) dropsProbe() bool {
	switch s.Kind {
	case Inner, BuildOuter, Semi, BuildSemi, BuildAnti:
		return true
	}
	return false
}

// pairs tells whether the join gives a row for each pair of partners.
func (s *JoinSpec) pairs() bool {
	switch s.Kind {
	case Semi, Anti, BuildSemi, BuildAnti, Mark:
		return false
	}
	return true
}

// kept gives the build columns that have to be kept, without doubles.
func (s *JoinSpec) kept() []int {
	want := make([]bool, len(s.BuildTypes))
	if s.Kind != Semi && s.Kind != Anti && s.Kind != Mark {
		for _, c := range s.BuildCols {
			want[c] = true
		}
	}
	if s.Residual != nil {
		if s.ResidualBuild == nil {
			for c := range want {
				want[c] = true
			}
		}
		for _, c := range s.ResidualBuild {
			want[c] = true
		}
	}
	var out []int
	for c, w := range want {
		if w {
			out = append(out, c)
		}
	}
	return out
}
