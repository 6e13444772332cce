package main

import (
	"fmt"
	"html"
	"math"
	"os"
	"strings"
)

// bar is how many times as long as skep a system takes over a part, by the geometric mean of the queries that it answers.
type bar struct {
	system string
	times  float64
}

func (p *part) bars(rows []row, duck string) []bar {
	mean := func(ms func(i int) float64) float64 {
		sum, n := 0.0, 0
		for i, x := range rows {
			if t := ms(i); t > 0 {
				sum, n = sum+math.Log(t/x.skep.ms), n+1
			}
		}
		return math.Exp(sum / max(float64(n), 1))
	}
	out := []bar{{"DuckDB " + duck, mean(func(i int) float64 { return rows[i].duck.ms })}}
	for _, t := range p.peers {
		out = append(out, bar{t.name, mean(func(i int) float64 { return t.ms[i] })})
	}
	return out
}

// plot writes the bars of all parts as a picture.
func (r *report) plot(path string) error {
	const width, left, row, unit = 760, 190, 20, 110 // unit: pixels for 1 ×
	var b strings.Builder
	y := 30
	for i, p := range r.parts {
		fmt.Fprintf(&b, `<text x="10" y="%d" font-weight="bold">%s</text>`+"\n", y+14, html.EscapeString(p.title))
		y += row + 4
		for _, x := range p.bars(r.results[i], strings.TrimPrefix(r.duckVersion, "v")) {
			w := min(x.times*unit, width-left-60)
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><rect x="%d" y="%d" width="%.0f" height="%d" fill="#6b8fb5"/><text x="%.0f" y="%d">%.2f ×</text>`+"\n",
				left-8, y+14, html.EscapeString(x.system), left, y+2, w, row-4, left+w+6, y+14, x.times)
			y += row
		}
		y += 10
	}
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
<rect width="100%%" height="100%%" fill="white"/>
<text x="10" y="18">Time over all queries of a part, as a multiple of skep's (the line is skep)</text>
`, width, y+10)
	line := fmt.Sprintf(`<line x1="%d" y1="26" x2="%d" y2="%d" stroke="#b03030"/>`+"\n</svg>\n", left+unit, left+unit, y)
	return os.WriteFile(path, []byte(head+b.String()+line), 0o644)
}
