package command

import (
	"maps"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/secret"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage/db"
)

// createSecret keeps the words of an address under a name.
func (r *run) createSecret(s *ast.CreateSecret) (*Result, error) {
	old, err := r.Session.Secrets.Get(s.Name.Text)
	switch {
	case err != nil && !s.OrReplace:
		return nil, sqlerr.WithPos(err, s.Name.Pos)
	case old != nil && s.IfNotExists:
		return &Result{}, nil
	case old != nil && !s.OrReplace:
		return nil, sqlerr.At(sqlerr.Exists, s.Name.Pos, "a secret named %s exists already", s.Name.Text).WithHint("CREATE OR REPLACE SECRET, or DROP SECRET %s", s.Name.Text)
	}
	x := &secret.Secret{Name: s.Name.Text, Words: map[string]string{}, Persistent: s.Persistent && !r.Dry}
	driver, err := r.secretType(s)
	if err != nil {
		return nil, err
	}
	x.Type = driver.Name()
	words := driver.Words()
	for _, o := range s.Options {
		key := strings.ToLower(o.Name.Text)
		if key == "type" {
			continue
		}
		word := words[key]
		if word == "" {
			names := slices.Sorted(maps.Keys(words))
			e := sqlerr.At(sqlerr.NotFound, o.Name.Pos, "a secret of type %s has no %s", x.Type, o.Name.Text)
			if hint := sqlerr.DidYouMean(key, names); hint != "" {
				return nil, e.WithHint("%s", hint)
			}
			return nil, e.WithHint("it has %s", strings.Join(names, ", "))
		}
		if _, twice := x.Words[word]; twice {
			return nil, sqlerr.At(sqlerr.Bind, o.Name.Pos, "%s is given twice", o.Name.Text)
		}
		if x.Words[word], err = r.settingValue(o.Value); err != nil {
			return nil, err
		}
	}
	return &Result{}, sqlerr.WithPos(r.Session.Secrets.Put(x), s.Pos)
}

// secretType gives the system that a secret is for.
func (r *run) secretType(s *ast.CreateSecret) (db.Driver, error) {
	var names []string
	for _, d := range r.Drivers {
		names = append(names, d.Name())
	}
	for _, o := range s.Options {
		if !strings.EqualFold(o.Name.Text, "type") {
			continue
		}
		v, err := r.settingValue(o.Value)
		if err != nil {
			return nil, err
		}
		for _, d := range r.Drivers {
			if d.Name() == strings.ToLower(v) || strings.EqualFold(v, "postgresql") && d.Name() == "postgres" {
				return d, nil
			}
		}
		return nil, sqlerr.At(sqlerr.NotFound, o.Value.Position(), "there are no secrets of type %s", v).WithHint("types are %s", strings.Join(names, ", "))
	}
	return nil, sqlerr.At(sqlerr.Bind, s.Pos, "the secret has no type").WithHint("CREATE SECRET %s (TYPE %s, …)", s.Name.Text, names[0])
}

// dropSecret forgets a secret.
func (r *run) dropSecret(s *ast.Drop, name string) error {
	if r.Dry {
		return nil
	}
	if ok, err := r.Session.Secrets.Drop(name); ok || err != nil || s.IfExists {
		return err
	}
	return r.noSecret(name)
}

func (r *run) noSecret(name string) *sqlerr.Error {
	var names []string
	if list, err := r.Session.Secrets.List(); err == nil {
		for _, x := range list {
			names = append(names, x.Name)
		}
	}
	return sqlerr.New(sqlerr.NotFound, "there is no secret %s", name).WithHint("%s", sqlerr.DidYouMean(name, names))
}

// showSecrets lists the secrets, with what may be shown of them.
func (r *run) showSecrets(s *ast.Show, keep func(string) bool) (*Result, error) {
	list, err := r.Session.Secrets.List()
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	var rows [][]string
	for _, x := range list {
		if !keep(x.Name) {
			continue
		}
		var words []string
		for _, k := range slices.Sorted(maps.Keys(x.Words)) {
			v := x.Words[k]
			if !db.Shown(k) {
				v = "***"
			}
			words = append(words, k+"="+v)
		}
		kept := "in memory"
		if x.Persistent {
			kept = "in a file"
		}
		rows = append(rows, []string{x.Name, x.Type, kept, strings.Join(words, " ")})
	}
	return table([]string{"name", "type", "kept", "words"}, rows), nil
}
