package scalar

import (
	"unicode"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

var levenshtein = &fn.Function{
	Name: "levenshtein", Aliases: []string{"editdist3", "edit_distance"}, Category: "string", Doc: "How many characters must be added, removed or changed to turn one text into the other.",
	Examples: tex("levenshtein('kitten', 'sitting')", "3"),
	Overloads: []*fn.Overload{failing(sig(types.TBigInt, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst := vec.Values[int64](out)
		for _, i := range sel {
			a, b := []rune(string(args[0].Bytes(int(i)))), []rune(string(args[1].Bytes(int(i))))
			if len(a)*len(b) > 1<<28 {
				return sqlerr.New(sqlerr.Limit, "levenshtein: texts of %d and %d characters are too long", len(a), len(b))
			}
			dst[i] = int64(editDistance(a, b))
		}
		return nil
	}, types.TVarchar, types.TVarchar))},
}

func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		prev := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := prev
			if x != y {
				cost++
			}
			prev = row[j+1]
			row[j+1] = min(cost, prev+1, row[j]+1)
		}
	}
	return row[len(b)]
}

var hamming = &fn.Function{
	Name: "hamming", Aliases: []string{"mismatches"}, Category: "string", Doc: "At how many places two texts of one length differ.", Examples: tex("hamming('abc', 'abd')", "1"),
	Overloads: []*fn.Overload{failing(sig(types.TBigInt, func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		dst := vec.Values[int64](out)
		for _, i := range sel {
			a, b := []rune(string(args[0].Bytes(int(i)))), []rune(string(args[1].Bytes(int(i))))
			if len(a) != len(b) {
				return dataErr("hamming: '%s' and '%s' differ in length", string(a), string(b))
			}
			dst[i] = 0
			for k := range a {
				if a[k] != b[k] {
					dst[i]++
				}
			}
		}
		return nil
	}, types.TVarchar, types.TVarchar))},
}

var soundex = &fn.Function{
	Name: "soundex", Category: "string", Doc: "The Soundex code of an English word.", Examples: tex("soundex('Robert')", "R163", "soundex('Tymczak')", "T522"),
	Overloads: []*fn.Overload{sig(types.TVarchar, strTo(appendSoundex), types.TVarchar)},
}

// soundexCodes are the codes of A…Z: 0 for vowels, 7 for H and W, which letters of one code on both sides see through.
const soundexCodes = "01230127022455012623017202"

func appendSoundex(dst, s []byte) []byte {
	start, last := len(dst), byte(0)
	for _, r := range string(s) {
		r = unicode.ToUpper(r)
		if r < 'A' || r > 'Z' {
			continue
		}
		c := soundexCodes[r-'A']
		switch {
		case len(dst) == start:
			dst = append(dst, byte(r))
		case c == '7':
			continue
		case c != '0' && c != last:
			dst = append(dst, c)
		}
		last = c
		if len(dst)-start == 4 {
			return dst
		}
	}
	for len(dst) > start && len(dst)-start < 4 {
		dst = append(dst, '0')
	}
	return dst
}
