// Package tpch holds the tables of the TPC-H benchmark, for the tests and for side-by-side runs.
package tpch

import "fmt"

// Tables are the names of the tables.
var Tables = []string{"region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"}

var columns = map[string]string{
	"region":   "r_regionkey BIGINT, r_name VARCHAR, r_comment VARCHAR",
	"nation":   "n_nationkey BIGINT, n_name VARCHAR, n_regionkey BIGINT, n_comment VARCHAR",
	"supplier": "s_suppkey BIGINT, s_name VARCHAR, s_address VARCHAR, s_nationkey BIGINT, s_phone VARCHAR, s_acctbal DECIMAL(15,2), s_comment VARCHAR",
	"customer": "c_custkey BIGINT, c_name VARCHAR, c_address VARCHAR, c_nationkey BIGINT, c_phone VARCHAR, c_acctbal DECIMAL(15,2), c_mktsegment VARCHAR, c_comment VARCHAR",
	"part":     "p_partkey BIGINT, p_name VARCHAR, p_mfgr VARCHAR, p_brand VARCHAR, p_type VARCHAR, p_size INTEGER, p_container VARCHAR, p_retailprice DECIMAL(15,2), p_comment VARCHAR",
	"partsupp": "ps_partkey BIGINT, ps_suppkey BIGINT, ps_availqty INTEGER, ps_supplycost DECIMAL(15,2), ps_comment VARCHAR",
	"orders":   "o_orderkey BIGINT, o_custkey BIGINT, o_orderstatus VARCHAR, o_totalprice DECIMAL(15,2), o_orderdate DATE, o_orderpriority VARCHAR, o_clerk VARCHAR, o_shippriority INTEGER, o_comment VARCHAR",
	"lineitem": "l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, l_linenumber INTEGER, l_quantity DECIMAL(15,2), l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag VARCHAR, l_linestatus VARCHAR, l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct VARCHAR, l_shipmode VARCHAR, l_comment VARCHAR",
}

// Columns gives the columns of a table, as CREATE TABLE has them.
func Columns(table string) string { return columns[table] }

// CreateText gives the statement that makes a table of a file of delimited text without a header, as dbgen writes it.
func CreateText(table, path string) string {
	return fmt.Sprintf("CREATE EXTERNAL TABLE %s (%s) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS CSV LOCATION '%s'", table, columns[table], path)
}

// CreateParquet gives the statement that makes a table of a Parquet file.
func CreateParquet(table, path string) string {
	return fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS PARQUET LOCATION '%s'", table, path)
}
