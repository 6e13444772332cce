// Package op holds the operators: sources, stages and sinks that package exec/build puts together to pipelines. One file
// each, named as in the plan. An operator is an exported struct whose exported fields configure it; it is made as a literal,
// by pointer, used for one query, and shared by the workers. What a worker needs of its own hangs on the cursors,
// transforms and local sinks.
//
// Rows that an operator keeps are copied and reserved from the task's budget; reservations end with Close.
package op
