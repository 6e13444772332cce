package ast

import "reflect"

// Shift adds by to every position in the tree below root, a pointer to a node or a slice of nodes.
func Shift(root any, by int) { shift(reflect.ValueOf(root), by, map[uintptr]bool{}) }

var atType = reflect.TypeOf(At{})

func shift(v reflect.Value, by int, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			shift(v.Elem(), by, seen)
		}
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] { // a node may stand at two places
			seen[v.Pointer()] = true
			shift(v.Elem(), by, seen)
		}
	case reflect.Slice:
		for i := range v.Len() {
			shift(v.Index(i), by, seen)
		}
	case reflect.Struct:
		if v.Type() == atType {
			v.Field(0).SetInt(v.Field(0).Int() + int64(by))
			return
		}
		for i := range v.NumField() {
			shift(v.Field(i), by, seen)
		}
	}
}
