package types

import (
	"encoding/json"
	"testing"
)

func TestJSON(t *testing.T) {
	list := []Type{{}, TBoolean, {Kind: TinyInt}, {Kind: USmallInt}, TInteger, TBigInt, {Kind: UBigInt}, NewDecimal(5, 2), NewDecimal(38, 0), TReal, TDouble,
		TVarchar, {Kind: Varchar, N: 10}, {Kind: Varchar, N: 3, Fixed: true}, TBinary, TDate, TTime, TTimestamp, TTimestampTZ, TInterval, TUUID, TJSON, NewArray(NewArray(TInteger)),
		NewMap(TVarchar, TDate), NewStruct(Field{Name: "a", Type: TInteger}, Field{Name: `odd "name`, Type: NewArray(TVarchar)})}
	for _, typ := range list {
		text, err := json.Marshal(Field{Name: "x", Type: typ})
		if err != nil {
			t.Fatal(err)
		}
		var got Field
		if err := json.Unmarshal(text, &got); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if !got.Type.Equal(typ) || got.Type.N != typ.N || got.Type.Fixed != typ.Fixed {
			t.Errorf("%s became %s", typ, got.Type)
		}
	}
}
