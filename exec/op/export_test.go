package op

// SetRawGroups sets from how many groups on rows are kept ungrouped, and how many a worker keeps; undo restores both.
func SetRawGroups(groups, rows int) (undo func()) {
	g, r := rawGroups, rawRows
	rawGroups, rawRows = groups, rows
	return func() { rawGroups, rawRows = g, r }
}

// SetRawLook sets from how many groups on, hardly repeating, rows are kept, and after how many they are looked at; undo restores both.
func SetRawLook(groups, rows int) (undo func()) {
	g, r := rawEarly, rawLook
	rawEarly, rawLook = groups, rows
	return func() { rawEarly, rawLook = g, r }
}
