package op

// SetRawGroups sets from how many groups on rows are kept ungrouped, and how many a worker keeps; undo restores both.
func SetRawGroups(groups, rows int) (undo func()) {
	g, r := rawGroups, rawRows
	rawGroups, rawRows = groups, rows
	return func() { rawGroups, rawRows = g, r }
}

// SetRawLook sets after how many rows kept they are looked at; undo restores it.
func SetRawLook(rows int) (undo func()) {
	r := rawLook
	rawLook = rows
	return func() { rawLook = r }
}
