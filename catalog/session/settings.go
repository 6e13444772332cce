package session

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Setting describes a setting.
type Setting struct {
	Name    string
	Default string
	Doc     string
	check   func(v string) (string, error)
}

// Settings are all settings, by name.
var Settings = []Setting{
	{"batch_size", "2048", "rows of a batch", positive},
	{"calendar", "gregorian", "calendar of dates and timestamps; there is no other", calendar},
	{"csv_null", "", "text written for NULL in CSV output", any},
	{"default_null_order", "nulls_last", "where NULLs sort unless written: nulls_last, nulls_first, nulls_first_on_asc_last_on_desc (Spark's)", nullOrder},
	{"integer_division", "false", "makes / between integers truncate", boolean},
	{"lambda_syntax", "default", "how lambdas are written; both lambda x: x + 1 and x -> x + 1 are read, whatever it says", lambdas},
	{"memory_limit", "", "memory that queries may reserve, such as 4GB; empty = 60 % of the machine's or the container's", size},
	{"optimizer", "true", "plan rewriting; off for tests", boolean},
	{"temp_directory", "", "folder for data that does not fit memory", any},
	{"threads", "0", "worker threads; 0 = one a core", natural},
	{"timezone", "UTC", "time zone in which TIMESTAMPTZ is shown and read", zone},
}

func any(v string) (string, error) { return v, nil }

func calendar(v string) (string, error) {
	if !strings.EqualFold(v, "gregorian") {
		return "", sqlerr.New(sqlerr.Data, "there is no calendar '%s'", v).WithHint("dates are those of the Gregorian calendar")
	}
	return "gregorian", nil
}

func positive(v string) (string, error) {
	if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 1<<16 {
		return "", sqlerr.New(sqlerr.Data, "'%s' is not a number between 1 and 65536", v)
	}
	return v, nil
}

func natural(v string) (string, error) {
	if n, err := strconv.Atoi(v); err != nil || n < 0 || n > 4096 {
		return "", sqlerr.New(sqlerr.Data, "'%s' is not a number between 0 and 4096", v)
	}
	return v, nil
}

func lambdas(v string) (string, error) {
	switch v = strings.ToLower(v); v {
	case "default", "disable_single_arrow", "enable_single_arrow":
		return v, nil
	}
	return "", sqlerr.New(sqlerr.Data, "'%s' is none of default, disable_single_arrow and enable_single_arrow", v)
}

func boolean(v string) (string, error) {
	switch strings.ToLower(v) {
	case "true", "on", "1", "yes", "t":
		return "true", nil
	case "false", "off", "0", "no", "f":
		return "false", nil
	}
	return "", sqlerr.New(sqlerr.Data, "'%s' is neither true nor false", v)
}

func nullOrder(v string) (string, error) {
	v = strings.ReplaceAll(strings.ToLower(v), " ", "_")
	switch v {
	case "nulls_last", "nulls_first", "nulls_first_on_asc_last_on_desc", "nulls_last_on_asc_first_on_desc":
		return v, nil
	case "last", "first":
		return "nulls_" + v, nil
	}
	return "", sqlerr.New(sqlerr.Data, "'%s' is no order of NULLs", v).WithHint("nulls_last, nulls_first or nulls_first_on_asc_last_on_desc")
}

func zone(v string) (string, error) {
	if _, err := time.LoadLocation(v); err != nil {
		return "", sqlerr.New(sqlerr.Data, "unknown time zone '%s'", v).WithHint("an IANA name such as Europe/Berlin")
	}
	return v, nil
}

func size(v string) (string, error) {
	if _, err := ParseSize(v); err != nil {
		return "", err
	}
	return v, nil
}

// ParseSize reads a number of bytes with an optional unit (KB, MB, GB, TB, KiB …; powers of 1024 all).
func ParseSize(v string) (int64, error) {
	t := strings.ToUpper(strings.TrimSpace(v))
	end := len(t)
	for end > 0 && (t[end-1] < '0' || t[end-1] > '9') {
		end--
	}
	n, err := strconv.ParseFloat(t[:end], 64)
	shift, ok := map[string]uint{"": 0, "B": 0, "K": 10, "KB": 10, "KIB": 10, "M": 20, "MB": 20, "MIB": 20, "G": 30, "GB": 30, "GIB": 30, "T": 40, "TB": 40, "TIB": 40}[strings.TrimSpace(t[end:])]
	if err != nil || !ok || n < 0 || n > 1e15 {
		return 0, sqlerr.New(sqlerr.Data, "'%s' is not a size", v).WithHint("a number and a unit, such as 512MB or 4GB")
	}
	return int64(n * float64(int64(1)<<shift)), nil
}

func find(name string) *Setting {
	i := slices.IndexFunc(Settings, func(s Setting) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		return nil
	}
	return &Settings[i]
}

// Setting gives the value of a setting, or "" if there is none of that name.
func (s *Session) Setting(name string) string {
	name = strings.ToLower(name)
	if v, ok := s.settings[name]; ok {
		return v
	}
	if d := find(name); d != nil {
		return d.Default
	}
	return ""
}

// Set changes a setting. foreign tells that the name is one of Hive's or Spark's, which has no effect here.
func (s *Session) Set(name, value string) (foreign bool, err error) {
	d := find(name)
	if d == nil {
		low := strings.ToLower(name)
		for _, p := range []string{"hive.", "spark.", "mapreduce.", "mapred.", "tez.", "dfs.", "fs.", "parquet.", "orc."} {
			if strings.HasPrefix(low, p) {
				s.settings[low] = value
				return true, nil
			}
		}
		var names []string
		for _, x := range Settings {
			names = append(names, x.Name)
		}
		return false, sqlerr.New(sqlerr.NotFound, "unknown setting %s", name).WithHint("%s", sqlerr.DidYouMean(name, names))
	}
	v, err := d.check(value)
	if err != nil {
		return false, err
	}
	s.settings[d.Name] = v
	return false, nil
}

// Reset gives a setting its default; "" resets all.
func (s *Session) Reset(name string) error {
	if name == "" {
		s.settings = map[string]string{}
		return nil
	}
	if find(name) == nil {
		_, err := s.Set(name, "")
		return err
	}
	delete(s.settings, strings.ToLower(name))
	return nil
}
