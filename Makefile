# make ci is what .ci/run runs. make help lists the rest.

GO         ?= go
CACHE      ?= $(HOME)/.cache/skep-bench
SUITES     ?= $(if $(SKEP_SUITES),$(SKEP_SUITES),$(wildcard $(abspath ../shared/suites)))
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
RACE        = . ./exec/... ./storage/... ./catalog/... ./cmd/... ./bench/tpch

export CGO_ENABLED ?= 0

.PHONY: help build test fmt vet lint race invariants suites integration full-disk crashes fuzz start-up diff bench bench-pg bench-quick update release-check ci

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

build: ## the command, as one static binary: ./skep
	$(GO) build -trimpath -ldflags '-s -w' -o skep ./cmd/skep

test: ## the tests that need nothing but Go
	$(GO) test ./...

fmt: ## fails if a file is not as gofmt writes it
	@files="$$(gofmt -l $$(git ls-files '*.go'))"; if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

vet: ## go vet, for the build tag invariants too
	$(GO) vet ./...
	$(GO) vet -tags invariants ./...

lint: ## staticcheck, as staticcheck.conf says
	$(GO) run $(STATICCHECK) ./...

race: ## the race detector, where goroutines are (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short $(RACE)

invariants: ## borrowed batches are overwritten after use: who keeps one fails
	$(GO) test -tags invariants . ./exec/... ./bench/tpch

suites: ## the suites that others wrote, all files, against their ratchets
	@if [ -z "$(SUITES)" ]; then echo "no suites: SKEP_SUITES names their folder"; else \
	SKEP_SUITES="$(SUITES)" $(GO) test -count=1 -timeout 30m ./bench/slt ./bench/tpch ./bench/tpcds ./parser ./storage/parquet ./storage/csv; fi

AIRFLOW = $(CACHE)/airflow
integration: ## needs Python, Java and PostgreSQL's server: files with DuckDB, pyarrow and Spark, TPC-H (needs the suites), loads and docs/etl.md with Postgres, a DAG in Airflow
	@cmp -s bench/integration/airflow.txt $(AIRFLOW)/done || (rm -rf $(AIRFLOW) && python3 -m venv $(AIRFLOW) && \
	$(AIRFLOW)/bin/python -m pip install --quiet --disable-pip-version-check uv && \
	$(AIRFLOW)/bin/uv pip install --quiet --python $(AIRFLOW)/bin/python -r bench/integration/airflow.txt && cp bench/integration/airflow.txt $(AIRFLOW)/done)
	SKEP_INTEGRATION=1 SKEP_AIRFLOW=$(AIRFLOW)/bin $(GO) test -count=1 ./bench/integration
	@test -x $(CACHE)/venv/bin/python || python3 -m venv $(CACHE)/venv
	@test -e $(CACHE)/venv/done-2 || ($(CACHE)/venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb numpy pyarrow pyspark tpchgen-cli && touch $(CACHE)/venv/done $(CACHE)/venv/done-2)
	@command -v java >/dev/null || echo "no java: what Spark writes is not tested (Debian's package default-jre-headless)"
	SKEP_PYTHON=$(CACHE)/venv/bin/python $(GO) test -count=1 ./bench/interop ./bench/diff
	@if [ -z "$(SUITES)" ]; then echo "no suites: TPC-H is not compared"; else \
	$(GO) run ./bench/compare -runs 0 -parts parquet,csv -sf 0.1 -cache $(CACHE) -suites "$(SUITES)"; fi

full-disk: ## the test of a full disk, on a real one of 64 MiB (needs root)
	GO="$(GO)" ./scripts/full-disk.sh

crashes: ## 10,000 processes killed while they change a warehouse (more than half an hour)
	SKEP_CRASHES=10000 $(GO) test -count=1 -timeout 3h -v -run TestCrash .

FUZZTIME ?= 20s
fuzz: ## every fuzz target for FUZZTIME (20s)
	@for f in $$(grep -rl '^func Fuzz' --include='*_test.go' .); do \
	for t in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$f); do \
	$(GO) test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) ./$$(dirname $$f) || exit 1; done; done

release-check: ## the command for every system that a release is for, the manual page and the completions
	@for t in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
	GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build -trimpath -o /dev/null ./cmd/skep || { echo "does not build for $$t"; exit 1; }; done
	./scripts/extras.sh "$$(mktemp -d)"

diff: ## an hour of queries made by chance, beside DuckDB (needs Python; DIFFTIME=10m for less)
	SKEP_DIFF=$${DIFFTIME:-1h} SKEP_SEED=$$(date +%s) SKEP_PYTHON=$(CACHE)/venv/bin/python $(GO) test -count=1 -timeout 0 -v -run TestDuckDB ./bench/diff

start-up: ## what starting skep costs beside a hello-world, and that the binary is static
	$(GO) run ./bench/startup

bench: ## TPC-H, groups, joins and visits beside DuckDB, Polars, DataFusion and chDB, into bench/RESULTS.md (many minutes; needs Python and the suites; SF=10 for TPC-H alone, larger)
	$(GO) run ./bench/compare -cache $(CACHE) -suites "$(SUITES)" $(if $(SF),-sf $(SF) -parts parquet -memory 12GB -out bench/RESULTS-sf$(SF).md,-peers polars,datafusion,chdb)

bench-pg: ## a million rows from Postgres into Parquet and back, against psql's \copy, into bench/RESULTS-postgres.md
	$(GO) run ./bench/pgspeed -out bench/RESULTS-postgres.md

bench-quick: ## TPC-H on Parquet alone
	$(GO) run ./bench/compare -quick -cache $(CACHE) -suites "$(SUITES)"

update: ## write what tests hold anew: golden files, ratchets, docs/functions.md, the results in docs and README. Read the diff!
	SKEP_UPDATE=1 $(GO) test ./...

STEPS = fmt vet lint test race invariants suites integration release-check start-up
ci: ## everything that can fail, step by step: what .ci/run runs
	@for step in $(STEPS); do echo "== $$step"; begin=$$(date +%s); \
	$(MAKE) --no-print-directory $$step || { echo "== $$step failed"; exit 1; }; \
	echo "== $$step: $$(( $$(date +%s) - begin )) s"; done
