package token

// single holds the operators of one character.
var single = [128]Kind{
	'(': LParen, ')': RParen, '[': LBracket, ']': RBracket, '{': LBrace, '}': RBrace, ',': Comma, ';': Semicolon,
	'.': Dot, ':': Colon, '?': Question, '@': At, '+': Plus, '-': Minus, '*': Star, '/': Slash, '%': Percent,
	'^': Caret, '&': Amp, '|': Pipe, '#': Hash, '~': Tilde, '!': Bang, '=': Eq, '<': Lt, '>': Gt,
}

type spelling struct {
	text string
	kind Kind
}

// longer holds the operators of several characters by their first, the longest first.
var longer = [128][]spelling{
	':': {{"::", Cast}, {":=", ColonEq}},
	'=': {{"=>", FatArrow}, {"==", Eq}},
	'/': {{"//", SlashSlash}},
	'*': {{"**", StarStar}},
	'&': {{"&&", AmpAmp}},
	'|': {{"||", PipePipe}},
	'<': {{"<=>", NullEq}, {"<=", Le}, {"<>", Ne}, {"<<", Shl}, {"<@", LtAt}},
	'>': {{">=", Ge}},
	'-': {{"->>", ArrowText}, {"->", Arrow}},
	'#': {{"#>>", HashGtText}, {"#>", HashGt}},
	'@': {{"@>", AtGt}},
	'^': {{"^@", CaretAt}},
	'~': {{"~~*", ILikeOp}, {"~~", LikeOp}, {"~*", TildeStar}},
	'!': {{"!~~*", NotILikeOp}, {"!~~", NotLikeOp}, {"!~*", NotTildeStr}, {"!~", NotTilde}, {"!=", Ne}},
}

func (l *Lexer) operator(i int, c byte) Token {
	for _, s := range longer[c] {
		if end := i + len(s.text); end <= len(l.src) && l.src[i:end] == s.text {
			return l.make(s.kind, i, end)
		}
	}
	if k := single[c]; k != EOF {
		return l.make(k, i, i+1)
	}
	return l.flag(Illegal, BadChar, i, i+1)
}
