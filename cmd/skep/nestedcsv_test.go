package main

import "testing"

// TestNestedFromCSV loads arrays and structs that CSV has as text, and leaves generated columns out.
func TestNestedFromCSV(t *testing.T) {
	want(t, runSkep(t, t.TempDir(), "",
		"-c", "CREATE TABLE n (a INTEGER, l INTEGER[], s STRUCT(x INTEGER, y VARCHAR), twice AS (a * 2))",
		"-c", "COPY (SELECT 1 AS a, [1, 2] AS l, {'x': 1, 'y': 'q, r'} AS s) TO 'n.csv'",
		"-c", "COPY n FROM 'n.csv'",
		"-c", "SELECT l[2], s.y, twice FROM n"), "l[2],y,twice\n2,\"q, r\",2\n", "", 0)
}
