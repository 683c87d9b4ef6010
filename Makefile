# `make help` lists what there is. Everything needs Go, make and git; what else
# it needs, `make setup` installs.

GOLANGCI_LINT_VERSION := v2.15.0
GOLANGCI_LINT := bin/tools/golangci-lint-$(GOLANGCI_LINT_VERSION)

.DEFAULT_GOAL := help
# Go's usual folder, for shells that do not have it on the PATH.
export PATH := $(PATH):/usr/local/go/bin

.PHONY: help
help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/worker and bin/enqueue.
	@CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/worker ./cmd/enqueue

.PHONY: deb
deb: ## Build the Debian package into bin (VERSION=…, ARCH=arm64).
	@internal/packaging/build-deb bin

.PHONY: deb-test
deb-test: ## Install, upgrade, use and purge the package in a Debian of its own; as root, with debootstrap.
	@internal/packaging/test-deb

.PHONY: repro
repro: ## Build twice, in two folders, the second time without caches; the results must be the same.
	@internal/packaging/test-reproducible

.PHONY: sbom
sbom: build ## List what the programs contain, as CycloneDX, in bin/sbom.json.
	@go run ./internal/packaging/modules sbom bin/worker bin/enqueue >bin/sbom.json

.PHONY: demo
demo: setup build ## Show LicenseLedger at work, on a Postgres and Redis of its own (KEEP=1 keeps them).
	@./examples/demo.sh

# jobs takes longest, so it begins.
.PHONY: test
test: setup ## Run all tests, with the race detector, then chaos-quick; they start servers of their own.
	@test -x /usr/sbin/postfix && test "$$(id -u)" = 0 || \
		echo "NOT TRIED WITH A REAL MAIL SERVER: that needs postfix (apt-get install --no-install-recommends postfix) and root"
	@test -x /usr/sbin/pgbouncer && test -x /usr/bin/redis-sentinel || \
		echo "NOT TRIED WITH PGBOUNCER AND SENTINEL: that needs them (apt-get install pgbouncer redis-sentinel)"
	@command -v promtool >/dev/null || \
		echo "ALERTS NOT TRIED: that needs promtool (apt-get install --no-install-recommends prometheus)"
	go test -race -timeout 15m ./jobs ./...
	@$(MAKE) --no-print-directory chaos-quick

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Check the code; .golangci.yaml says for what and why.
	$(GOLANGCI_LINT) run ./...

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code.
	$(GOLANGCI_LINT) fmt ./...

.PHONY: schema
schema: setup ## Write migrations/schema.sql from the migrations.
	go test ./migrations -run TestSchemaIsFresh -update

.PHONY: client
client: setup ## Write docs/openapi.json, and the types that the tests' client is made with (needs npm and its registry).
	go test ./internal/api -run TestTheDocumentIsFresh -update
	internal/api/testdata/client/generate.sh

.PHONY: bench
bench: setup build ## Measure on this machine, write docs/benchmarks.md and bench.json; takes half an hour or more.
	go -C internal/bench run . -date "$$(date +%F)" -o ../../docs/benchmarks.md -json ../../bench.json

.PHONY: bench-quick
bench-quick: setup build ## Measure the main figures in less than a minute.
	@go -C internal/bench run . -quick

.PHONY: chaos-worker
chaos-worker:
	@go build -tags chaos -trimpath -o bin/chaos/ ./cmd/worker

.PHONY: chaos
chaos: setup chaos-worker ## Break it on purpose for 15 minutes (DURATION=1h, CHAOS_SEED=…) and check every promise; as root also full disks.
	@go run ./internal/chaos -duration "$(or $(DURATION),15m)"

.PHONY: chaos-quick
chaos-quick: setup chaos-worker ## The same in 45 seconds.
	@go run ./internal/chaos -quick -duration "$(or $(DURATION),25s)"

.PHONY: chaos-kills
chaos-kills: setup chaos-worker ## 500 SIGKILLs of workers and 50 of each server in one seeded series (KILLS=…).
	@go run ./internal/chaos -kills "$(or $(KILLS),500)"

.PHONY: chaos-mutants
chaos-mutants: setup ## Take one safeguard out after the other; chaos must notice each.
	@go build -tags mutants,chaos -trimpath -o bin/mutants/ ./cmd/worker ./internal/chaos
	@bin/mutants/chaos -worker bin/mutants/worker -mutants

.PHONY: fuzz
fuzz: ## Feed nonsense to everything that reads or renders, each target for 10 minutes (FUZZTIME=2m, FUZZ=Name).
	@FUZZTIME="$(FUZZTIME)" FUZZ="$(FUZZ)" .ci/fuzz

.PHONY: screenshots
screenshots: ## Take pictures of all mails, in light, dark and small, of invoices and of the console, into screenshots/ (needs chromium).
	@go run ./internal/screenshots
	@CONSOLE_SCREENSHOTS="$(CURDIR)/screenshots" go test -count=1 ./internal/console -run 'TestConsole/everybody'

.PHONY: setup
setup: ## Install what else is needed: Postgres, Redis, a C compiler, readers of PDF and XML (done by the others).
	@.ci/setup

.PHONY: clean
clean: ## Remove what was built.
	rm -rf bin

# A pinned version, built once per checkout; Go's build cache makes that quick
# after the first time on a machine.
$(GOLANGCI_LINT):
	GOBIN="$(CURDIR)/bin/tools" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	@mv bin/tools/golangci-lint $@
