package postgres

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage/db"
)

// secretWords are the words of a secret, as an address calls them.
var secretWords = map[string]string{
	"host": "host", "port": "port", "database": "dbname", "dbname": "dbname", "user": "user", "username": "user", "password": "password", "passfile": "passfile",
	"service": "service", "sslmode": "sslmode", "sslcert": "sslcert", "sslkey": "sslkey", "sslrootcert": "sslrootcert", "connect_timeout": "connect_timeout",
	"options": "options", "application_name": "application_name",
}

// Words gives the words of a secret.
func (Driver) Words() map[string]string { return secretWords }

var ownPassword = regexp.MustCompile(`(?i)(?:^|\s)password\s*=`)

// config reads an address. What it does not say comes from the secret's words; a password among them never becomes part of a text.
func config(a *db.Address) (*pgconn.Config, error) {
	text := a.Text
	rest, isWords := strings.CutPrefix(text, "postgres:")
	if rest2, ok := strings.CutPrefix(text, "postgresql:"); ok {
		rest, isWords = rest2, true
	}
	if isWords && !strings.HasPrefix(rest, "//") {
		text = rest
	}
	words := maps.Clone(a.Words)
	password, secret := words["password"]
	delete(words, "password")
	if u, err := url.Parse(text); err == nil && u.Scheme != "" && strings.Contains(text, "://") {
		if _, own := u.User.Password(); own || u.Query().Has("password") {
			secret = false
		}
		text = addToURL(u, words)
	} else {
		secret = secret && !ownPassword.MatchString(text)
		var list []string
		for _, k := range slices.Sorted(maps.Keys(words)) {
			list = append(list, k+"='"+strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(words[k])+"'")
		}
		text = strings.TrimSpace(strings.Join(list, " ") + " " + text) // what comes later counts
	}
	cfg, err := pgconn.ParseConfig(text)
	if err != nil {
		return nil, sqlerr.New(sqlerr.Bind, "cannot read the address %s: %s", db.Redact(a.Text), db.RedactOf(err.Error(), a.Text)).
			WithHint("postgres://user@host:5432/database, or host=… dbname=…; passwords come from CREATE SECRET, ~/.pgpass or PGPASSWORD")
	}
	if secret {
		cfg.Password = password
	}
	return cfg, nil
}

// addToURL adds the words that a URL does not say.
func addToURL(u *url.URL, words map[string]string) string {
	says := map[string]bool{"host": u.Host != "", "port": u.Port() != "", "dbname": strings.Trim(u.Path, "/") != "", "user": u.User.Username() != ""}
	q := u.Query()
	for k, v := range words {
		if !says[k] && !q.Has(k) && !(k == "dbname" && q.Has("database")) {
			q.Set(k, v)
		}
	}
	out := *u
	out.RawQuery = q.Encode()
	return out.String()
}
