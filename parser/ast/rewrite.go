package ast

import "reflect"

// Rewrite copies an expression and puts f of each node, children first, in the node's place. Queries inside are copied too, and their
// expressions are rewritten like the others.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	return f(rewrite(reflect.ValueOf(e), f).Interface().(Expr))
}

var exprType = reflect.TypeOf((*Expr)(nil)).Elem()

func rewrite(v reflect.Value, f func(Expr) Expr) reflect.Value {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type()).Elem()
		kid := rewrite(v.Elem(), f)
		if v.Type() == exprType {
			kid = reflect.ValueOf(f(kid.Interface().(Expr)))
		}
		out.Set(kid)
		return out
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(rewrite(v.Elem(), f))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(rewrite(v.Index(i), f))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			out.Field(i).Set(rewrite(v.Field(i), f))
		}
		return out
	}
	return v
}
