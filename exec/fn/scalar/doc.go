// Package scalar holds the scalar functions and operators: one function a file, or a family of one-line functions that share
// their code. All lists them; nothing registers itself.
//
// Conventions are those of fn.Overload: arguments are Flat or Const, rows outside sel may be left as they are, and a strict
// function sees no NULL. Results that are parts of an argument (substring, trim) share its memory instead of copying it.
package scalar
