package builtin

import (
	"sort"
	"strings"

	"github.com/skep-sql/skep/exec/fn"
)

// chapters are the categories in the order of the page; others follow by name.
var chapters = []struct{ category, title string }{
	{"operator", "Operators"}, {"math", "Numbers"}, {"string", "Text"}, {"pattern", "Patterns"}, {"date", "Dates and times"}, {"conditional", "Conditions"},
	{"conversion", "Conversion"}, {"nested", "Arrays, maps and structs"}, {"json", "JSON"}, {"session", "Session"}, {"aggregate", "Aggregates"}, {"statistics", "Statistics"}, {"window", "Window functions"},
}

// Markdown gives the page docs/functions.md: every function with its names, what it does, its signatures and examples.
func Markdown(r *fn.Registry) string {
	by := map[string][]*fn.Function{}
	for _, f := range r.All() {
		by[f.Category] = append(by[f.Category], f)
	}
	var b strings.Builder
	b.WriteString("# Functions\n\nMade from the functions themselves by `SKEP_UPDATE=1 go test ./exec/fn/builtin`; every example is run as a test.\n")
	b.WriteString("COALESCE, NULLIF, IFNULL, NVL, IF and CASE are part of the language and evaluate only what they need.\n")
	for _, c := range chapters {
		writeChapter(&b, c.title, by[c.category])
		delete(by, c.category)
	}
	var rest []string
	for c := range by {
		rest = append(rest, c)
	}
	sort.Strings(rest)
	for _, c := range rest {
		writeChapter(&b, c, by[c])
	}
	return b.String()
}

func writeChapter(b *strings.Builder, title string, list []*fn.Function) {
	if len(list) == 0 {
		return
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	b.WriteString("\n## " + title + "\n\n| name | what it does | signatures | examples |\n|---|---|---|---|\n")
	for _, f := range list {
		names := []string{code(f.Name)}
		for _, a := range f.Aliases {
			names = append(names, code(a))
		}
		var sigs, examples []string
		for _, s := range f.SignatureList() {
			sigs = append(sigs, code(s))
		}
		for _, x := range f.Examples {
			examples = append(examples, code(x.SQL)+" is "+code(x.Result))
		}
		row := []string{strings.Join(names, ", "), cell(f.Doc), strings.Join(sigs, "<br>"), strings.Join(examples, "<br>")}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func code(s string) string {
	if s == "" {
		return "''"
	}
	return "`" + cell(s) + "`"
}
