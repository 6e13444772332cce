package ast

// Optimize is OPTIMIZE [TABLE] name [PARTITION (…)] [[WITH] (options)].
type Optimize struct {
	At
	Table     Path
	Partition *PartitionSpec
	Options   []Option
}

// CheckTable is CHECK TABLE name [PARTITION (…)], and REPAIR TABLE name [PARTITION (…)] [RESTORE].
type CheckTable struct {
	At
	Table     Path
	Partition *PartitionSpec
	Repair    bool
	Restore   bool
}

func (*Optimize) stmtNode()   {}
func (*CheckTable) stmtNode() {}
