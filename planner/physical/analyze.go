package physical

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/skep-sql/skep/exec/flow"
)

// Analyzed shows a plan that has run: of each operator its share of the work, its time over all workers, its rows beside those expected and
// the memory it held, and at the end a sentence on what dominated and what would help.
func Analyzed(n Node, seen map[Node]*flow.OpStats, elapsed time.Duration) string {
	a := &analysis{seen: seen}
	t := &tree{shared: map[*SharedDef]bool{}}
	t.line = func(n Node, text string) string {
		if n == nil {
			return text
		}
		return a.row(n) + text
	}
	for _, st := range seen {
		a.total += st.Nanos.Load()
	}
	head := fmt.Sprintf(figuresFormat, "share", "time", "rows", "expected", "memory") + "operator\n"
	out := head + t.show(n)
	out += fmt.Sprintf("\nin all %s, with %s of work on all workers\n", rounded(elapsed), rounded(time.Duration(a.total)))
	return out + a.advice() + "\n"
}

// figuresFormat lays out what stands before an operator.
const figuresFormat = "%5s %9s %9s %9s %9s  "

type analysis struct {
	seen  map[Node]*flow.OpStats
	total int64 // nanoseconds
	order []Node
}

func (a *analysis) share(n Node) float64 {
	st := a.seen[n]
	if st == nil || a.total == 0 {
		return 0
	}
	return float64(st.Nanos.Load()) / float64(a.total)
}

func (a *analysis) row(n Node) string {
	a.order = append(a.order, n)
	st := a.seen[n]
	if st == nil {
		return fmt.Sprintf(figuresFormat, "", "", "", "~"+short(n.Estimate()), "")
	}
	memory := ""
	if b := st.Bytes.Load(); b > 0 {
		memory = bytesShort(b)
	}
	return fmt.Sprintf(figuresFormat, fmt.Sprintf("%.0f%%", a.share(n)*100), rounded(time.Duration(st.Nanos.Load())), short(float64(st.RowsOut.Load())),
		"~"+short(n.Estimate()), memory)
}

// rounded gives a time with three digits or so.
func rounded(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

func bytesShort(b int64) string {
	switch {
	case b >= 1<<30:
		return fmt.Sprintf("%.2f GiB", float64(b)/(1<<30))
	case b >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(b)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", (b+1023)/1024)
}

// advice is one line in plain words.
func (a *analysis) advice() string {
	var top Node
	for _, n := range a.order {
		if top == nil || a.share(n) > a.share(top) {
			top = n
		}
	}
	if top == nil || a.total < int64(time.Millisecond) {
		return "nothing took long"
	}
	line := fmt.Sprintf("%.0f%% went into %s", a.share(top)*100, doing(top))
	if help := a.help(top); help != "" {
		line += ": " + help
	}
	if worst, factor := a.worstEstimate(); factor >= 20 && slices.ContainsFunc(a.order, isJoin) {
		st := a.seen[worst]
		line += fmt.Sprintf("\n%s gave %s rows where %s were expected, so other steps may be in a bad order", doing(worst), short(float64(st.RowsOut.Load())),
			short(worst.Estimate()))
	}
	return line
}

// worstEstimate finds the lowest operator whose rows were far from those expected.
func (a *analysis) worstEstimate() (worst Node, factor float64) {
	for _, n := range a.order {
		st := a.seen[n]
		if st == nil {
			continue
		}
		got, want := float64(st.RowsOut.Load())+1, n.Estimate()+1
		if max(got, want) < 50_000 { // of no weight
			continue
		}
		if f := max(got/want, want/got); f >= max(20, factor/2) && !a.limited(n) {
			worst, factor = n, f
		}
	}
	return worst, factor
}

func isJoin(n Node) bool {
	_, ok := n.(*Join)
	return ok
}

// limited tells whether n was stopped early, so that its rows say nothing.
func (a *analysis) limited(n Node) bool {
	for _, up := range a.order {
		if l, ok := up.(*Limit); ok && l.Count >= 0 && contains(l, n) {
			return true
		}
	}
	return false
}

func contains(n, sought Node) bool {
	if n == sought {
		return true
	}
	for _, k := range n.Inputs() {
		if contains(k, sought) {
			return true
		}
	}
	return false
}

// doing names what an operator does.
func doing(n Node) string {
	switch x := n.(type) {
	case *Scan:
		return "reading " + x.Name
	case *Join:
		if len(x.ProbeKeys) == 0 {
			return "comparing all pairs of rows in a join"
		}
		return "the join on " + keyNames(x)
	case *Aggregate:
		if len(x.Keys) == 0 {
			return "the aggregates"
		}
		return "grouping by " + list(x.Keys, ", ")
	case *Sort:
		return "sorting"
	case *Window:
		return "the window functions"
	case *Filter:
		return "the filter " + list(x.Preds, " AND ")
	case *Project:
		return "computing columns"
	}
	return "the step " + describe(n)
}

func keyNames(x *Join) string {
	s := describeJoin(x)
	if i := strings.Index(s, " on "); i >= 0 {
		s = s[i+4:]
	}
	s, _, _ = strings.Cut(s, " if ")
	return s
}

// help says what would make an operator faster, if anything would.
func (a *analysis) help(n Node) string {
	switch x := n.(type) {
	case *Scan:
		file := strings.ToLower(x.Name)
		for _, ending := range []string{".csv", ".tsv", ".tbl", ".txt", ".json", ".ndjson", ".gz", ".zst"} {
			if strings.HasSuffix(file, ending) && !strings.Contains(file, ".parquet") {
				return "a Parquet copy is read several times faster (COPY (FROM '" + x.Name + "') TO 'x.parquet')"
			}
		}
		if len(x.Filter) > 0 && a.seen[n] != nil && float64(a.seen[n].RowsOut.Load()) < 0.01*tableRows(x) {
			return "few rows pass its filter; a file sorted by that column could be skipped through"
		}
		return "fewer columns, or a condition that skips parts of the file, would help"
	case *Join:
		if len(x.ProbeKeys) == 0 {
			return "an equality in ON, or a range on one column, would let it look rows up"
		}
		if st := a.seen[x.Build]; st != nil && a.seen[x.Probe] != nil && st.RowsOut.Load() > 4*a.seen[x.Probe].RowsOut.Load() && st.RowsOut.Load() > 100_000 {
			return "its table was made of the larger side, as the estimates had it"
		}
	case *Sort:
		if x.Limit <= 0 {
			return "a LIMIT would make it keep the first rows only"
		}
	case *Aggregate:
		if st := a.seen[n]; st != nil && len(x.Keys) > 0 && a.seen[x.Input] != nil && 2*st.RowsOut.Load() > a.seen[x.Input].RowsOut.Load() {
			return "nearly every row is a group of its own"
		}
	}
	return ""
}

func tableRows(x *Scan) float64 {
	if st := x.Table.Stats(); st != nil && st.Rows >= 0 {
		return float64(st.Rows)
	}
	return math.Inf(1)
}
