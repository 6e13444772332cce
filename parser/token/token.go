// Package token cuts SQL text into tokens. A token is sixteen bytes or less and points into the text; nothing is
// allocated for it. A token that cannot be read becomes Illegal, with the reason, and is reported only when a parser
// comes to it: some statements (SET) take their text raw.
package token

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	EOF     Kind = iota
	Illegal      // Flag is a Reason
	Word         // identifier or keyword, unquoted
	Quoted       // "x" or `x`
	String       // Flag is a Style
	Blob         // X'00'
	Bit          // B'01'
	Int
	Decimal
	Float
	Param // $1, $name

	LParen
	RParen
	LBracket
	RBracket
	LBrace
	RBrace
	Comma
	Semicolon
	Dot
	Colon
	Question
	At       // @
	ColonEq  // :=
	FatArrow // =>

	Cast        // ::
	Plus        // +
	Minus       // -
	Star        // *
	Slash       // /
	SlashSlash  // //
	Percent     // %
	Caret       // ^
	StarStar    // **
	Amp         // &
	AmpAmp      // &&
	Pipe        // |
	PipePipe    // ||
	Hash        // #
	Tilde       // ~
	Bang        // !
	Shl         // <<  (>> is two Gt: ARRAY<ARRAY<INT>>)
	Eq          // = ==
	Ne          // <> !=
	Lt          // <
	Le          // <=
	Gt          // >
	Ge          // >=
	NullEq      // <=>
	Arrow       // ->
	ArrowText   // ->>
	HashGt      // #>
	HashGtText  // #>>
	AtGt        // @>
	LtAt        // <@
	CaretAt     // ^@
	TildeStar   // ~*
	NotTilde    // !~
	NotTildeStr // !~*
	LikeOp      // ~~
	ILikeOp     // ~~*
	NotLikeOp   // !~~
	NotILikeOp  // !~~*
)

// Style says how a string is written, which decides how it is decoded.
type Style = uint8

// The styles of strings.
const (
	Plain   Style = iota // a quote inside is written twice
	Simple               // 'no quote inside': the text is the value
	Escaped              // E'\n'
	Unicode              // U&'\0061'
	Dollar               // $$text$$, $tag$text$tag$
	Raw                  // R'\d'
)

// Reason says why a token is Illegal.
type Reason = uint8

// The reasons.
const (
	BadChar Reason = iota
	OpenString
	OpenQuote
	OpenComment
	OpenDollar
	BadNumber
	BadUTF8
	BadBlob
	CurlyQuote
)

// Token is a piece of the text: source[Pos:End].
type Token struct {
	Kind  Kind
	Flag  uint8
	Class Class // of a Word
	Pos   int32
	End   int32
}

// Open tells whether t is an unclosed quote or comment, which more text may close.
func (t Token) Open() bool {
	return t.Kind == Illegal && t.Flag >= OpenString && t.Flag <= OpenDollar
}
