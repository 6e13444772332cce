// Package diff looks for wrong answers with queries made by chance. A seed gives tables, their rows and queries over them; the answers are held against
// each other in three ways that need no other system, and against DuckDB's where Python has it:
//
//   - plans: the same query with one worker and eight, batches of one row, and without the optimiser gives the same rows;
//   - NoREC (Rigger and Su, "Detecting Optimization Bugs in Database Engines via Non-Optimizing Reference Engine Construction", 2020): a
//     condition keeps as many rows in WHERE as it is true of in the select list;
//   - TLP (Rigger and Su, "Finding Bugs in Database Systems via Query Partitioning", 2020): the rows where a condition is true, false and NULL
//     are all rows, and so are their groups and aggregates.
//
// A difference is printed as a script that shows it. What the dialect means otherwise than DuckDB is not generated.
package diff
