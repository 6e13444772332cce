package ast

// TypeName is a type as written; the binder resolves it. Exactly one of these shapes holds:
//
//	Name with Params                   DECIMAL(10, 2), VARCHAR(20), TIMESTAMP WITH TIME ZONE (Name "TIMESTAMPTZ")
//	Name "ARRAY" with Elem             ARRAY<T>, T[], T[3] (Params holds the size), LIST(T)
//	Name "MAP" with Key and Elem       MAP<K, V>, MAP(K, V)
//	Name "STRUCT" with Fields          STRUCT<a: INT, b INT>, STRUCT(a INT), ROW(a INT)
//	Name "UNION" with Fields           UNION(a INT, b VARCHAR)
//	Name "ENUM" with Values            ENUM('a', 'b')
//
// Name is in upper case with single spaces ("DOUBLE PRECISION"), except when Quoted.
type TypeName struct {
	At
	Name    string
	Quoted  bool
	Params  []int
	Elem    *TypeName
	Key     *TypeName
	Fields  []TypeField
	Values  []string
	Unit    string // INTERVAL DAY TO SECOND: the words after INTERVAL, upper case
	Collate string
}

// TypeField is a field of a STRUCT type.
type TypeField struct {
	Name    Name
	Type    *TypeName
	Comment string
	NotNull bool
}
