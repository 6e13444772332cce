package token

// Class says where a word cannot be a plain name. Few words are reserved; most keywords are told from names by
// their place.
type Class uint8

// The classes of words.
const (
	NoExpr  Class = 1 << iota // neither a column name nor the start of an expression
	NoAlias                   // not a column alias without AS
	NoTable                   // neither a table name nor a table alias without AS
	Infix                     // may be an operator after an expression
	Special                   // has a form of its own at the start of an expression
	Starts                    // begins a query
)

const longestWord = 17

// words holds the classes of those words that are not names everywhere.
var words = map[string]Class{
	"SELECT": NoExpr | NoAlias | NoTable | Starts, "FROM": NoExpr | NoAlias | NoTable | Starts,
	"WITH": NoExpr | NoAlias | NoTable | Starts, "VALUES": NoExpr | NoAlias | NoTable | Starts,
	"TABLE": NoExpr | NoTable | Starts,
	"PIVOT": NoTable | Starts, "UNPIVOT": NoTable | Starts, "DESCRIBE": Starts, "SUMMARIZE": Starts, "SHOW": Starts,
	"WHERE": NoExpr | NoAlias | NoTable, "GROUP": NoExpr | NoAlias | NoTable, "HAVING": NoExpr | NoAlias | NoTable,
	"ORDER": NoExpr | NoAlias | NoTable, "LIMIT": NoExpr | NoAlias | NoTable, "OFFSET": NoAlias | NoTable,
	"UNION": NoExpr | NoAlias | NoTable, "INTERSECT": NoExpr | NoAlias | NoTable, "EXCEPT": NoExpr | NoAlias | NoTable,
	"MINUS": NoAlias | NoTable, "QUALIFY": NoExpr | NoAlias | NoTable, "INTO": NoExpr | NoAlias | NoTable,
	"ON": NoExpr | NoAlias | NoTable, "USING": NoExpr | NoAlias | NoTable, "JOIN": NoExpr | NoAlias | NoTable,
	"INNER": NoAlias | NoTable, "LEFT": NoAlias | NoTable, "RIGHT": NoAlias | NoTable, "FULL": NoAlias | NoTable,
	"CROSS": NoAlias | NoTable, "NATURAL": NoAlias | NoTable, "LATERAL": NoExpr | NoAlias | NoTable,
	"TABLESAMPLE": NoAlias | NoTable, "SET": NoTable, "RETURNING": NoAlias | NoTable, "WHEN": NoExpr | NoAlias | NoTable,
	"FOR": NoExpr | NoAlias | NoTable, "THEN": NoExpr | NoAlias | NoTable, "ELSE": NoExpr | NoAlias | NoTable,
	"END": NoAlias, "AS": NoExpr | NoAlias | NoTable, "BY": NoAlias,
	"AND": NoExpr | NoAlias | NoTable | Infix, "OR": NoExpr | NoAlias | NoTable | Infix,
	"IN": NoExpr | NoAlias | NoTable | Infix, "IS": NoExpr | NoAlias | NoTable | Infix,
	"LIKE": NoAlias | NoTable | Infix, "BETWEEN": NoExpr | NoAlias | NoTable | Infix,
	"ILIKE": NoAlias | Infix, "RLIKE": NoAlias | Infix, "REGEXP": NoAlias | Infix, "SIMILAR": NoAlias | Infix,
	"GLOB": Infix, "DIV": NoAlias | Infix, "MOD": Infix, "COLLATE": NoAlias | NoTable | Infix, "AT": Infix,
	"ISNULL": NoAlias | Infix, "NOTNULL": NoAlias | Infix, "OVERLAPS": NoAlias | Infix,
	"NOT": NoAlias | NoTable | Infix | Special, "OVER": NoAlias, "DISTINCT": NoExpr | NoAlias | NoTable,
	"ALL": NoExpr | NoAlias | NoTable, "ASC": NoExpr | NoAlias, "DESC": NoExpr | NoAlias | NoTable,
	"NULLS": NoAlias, "CREATE": NoTable, "INSERT": NoTable, "ESCAPE": NoAlias, "PARTITION": NoTable,
	"NULL": NoAlias | NoTable | Special, "TRUE": NoTable | Special, "FALSE": NoTable | Special,
	"CASE": NoAlias | NoTable | Special, "CAST": Special, "TRY_CAST": Special, "EXTRACT": Special,
	"SUBSTRING": Special, "SUBSTR": Special, "POSITION": Special, "TRIM": Special, "OVERLAY": Special,
	"CEIL": Special, "CEILING": Special, "FLOOR": Special, "INTERVAL": Special, "EXISTS": Special,
	"ARRAY": Special, "MAP": Special, "ROW": Special, "GROUPING": Special, "GROUPING_ID": Special,
	"COLUMNS": Special, "DEFAULT": Special, "DATE": Special, "TIME": Special, "TIMESTAMP": Special,
	"CURRENT_DATE": Special, "CURRENT_TIMESTAMP": Special, "CURRENT_TIME": Special, "LOCALTIME": Special,
	"LOCALTIMESTAMP": Special, "CURRENT_USER": Special, "SESSION_USER": Special, "CURRENT_SCHEMA": Special,
	"CURRENT_CATALOG": Special, "CURRENT_DATABASE": Special, "LAMBDA": Special,
}

// classOf gives the class of a word.
func classOf(w string) Class {
	if len(w) > longestWord || len(w) < 2 {
		return 0
	}
	var buf [longestWord]byte
	for i := range len(w) {
		c := w[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		buf[i] = c
	}
	return words[string(buf[:len(w)])]
}

// Keywords are the words a slip of the pen may have meant, for hints.
var Keywords = []string{
	"SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT", "JOIN",
	"INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "USING", "WITH", "VALUES", "CREATE", "TABLE", "VIEW",
	"DATABASE", "SCHEMA", "DROP", "ALTER", "INSERT", "INTO", "OVERWRITE", "UPDATE", "DELETE", "MERGE", "TRUNCATE",
	"EXPLAIN", "ANALYZE", "DESCRIBE", "SHOW", "SUMMARIZE", "COPY", "PREPARE", "EXECUTE", "ASSERT", "QUALIFY",
	"WINDOW", "PARTITION", "BETWEEN", "DISTINCT", "RETURNING", "EXTERNAL", "LOCATION", "STORED", "ROLLBACK", "COMMIT",
}
