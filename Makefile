# Thin names for the `offhours` commands and the checks. `make` alone lists them.

.DEFAULT_GOAL := help
SHELL := /bin/sh

# Only what is given on make's command line counts: a shell may well have a variable named LANGUAGE or NAME. It reaches its
# command as it is: neither make nor the shell acts on what it holds. FLAGS alone are words of the shell, with quotes but without its signs.
given := BACKEND CASES CHECK DESIGN DRAWS DRY FIRST FLAGS FOLDER FULL LANGUAGE LOG NAME OUT PARAMETERS PARTS PEOPLE POINTS PRECISION REPLICATES \
	LEVERS SCENARIO SCENARIOS SEED SET STRICT THREADS TRAJECTORIES WITH WORKERS YEARS ZONE
lists := LEVERS PARTS PRECISION SCENARIOS
signs := $$ ` ; & | < > ( ) \#
define newline


endef
refused = $(if $(findstring $(2),$(value $(1))),$(error $(1) must not hold $(3)))
quoted = '$(subst ','\'',$(1))'
raw = $(if $(filter command%,$(origin $(1))),$(call refused,$(1),$(newline),a line break)$(value $(1)))
whole = $(if $(call raw,$(1)),$(call quoted,$(call raw,$(1))))
each = $(foreach word,$(call raw,$(1)),$(call quoted,$(word)))
$(foreach name,$(filter-out FLAGS $(lists),$(given)),$(eval override $(name) := $$(call whole,$(name))))
$(foreach name,$(lists),$(eval override $(name) := $$(call each,$(name))))
override FLAGS := $(call raw,FLAGS)
$(foreach sign,$(signs),$(call refused,FLAGS,$(sign),'$(sign)'; give such options to .venv/bin/offhours itself))
override PYTHON := $(value PYTHON)
unexport $(given)
unknown := $(foreach name,$(.VARIABLES),$(if $(filter command%,$(origin $(name))),$(filter-out $(given) PYTHON SHELL MAKE%,$(name))))
$(if $(strip $(unknown)),$(error unknown variable $(strip $(unknown)); `make` lists those that there are))

# What has no option of a command is refused beside targets none of which takes it.
for_SCENARIO := scenario explain evaluate design check-scenario sensitivity search learn ask
for_SCENARIOS := compare learn
for_FOLDER := scorecard status regions page plot report export fsck
for_DESIGN := study sweep
for_LOG := observe ask
for_SET := calibrate targets
for_CASES := fuzz
for_FIRST := fuzz
for_PARTS := bench
for_STRICT := bench
$(foreach name,$(if $(MAKECMDGOALS),SCENARIO SCENARIOS FOLDER DESIGN LOG SET CASES FIRST PARTS STRICT),$(if $($(name)),\
	$(if $(filter $(MAKECMDGOALS),$(for_$(name))),,$(error make $(MAKECMDGOALS): takes no $(name)))))

# Of Python's own variables only those of the terminal and of caches reach the commands: a foreign PYTHONPATH could hold
# another package named sim, PYTHONOPTIMIZE would take the tests' assertions away, without bytecode each start is slow.
let_through := PYTHONIOENCODING PYTHONUTF8 PYTHONCOERCECLOCALE PYTHONPYCACHEPREFIX
unexport $(filter-out $(let_through),$(filter PYTHON%,$(.VARIABLES)))
export PYTHON

bin := .venv/bin
offhours = .ci/environment run && $(bin)/offhours
docs := build/docs

needs = $(if $($(1)),,$(error $(if $(filter 'zh',$(LANGUAGE)),请给出 $(1)，如：,give $(1), as in: )make $@ $(1)=$(2)))

# Everything goes to every command, which refuses what it has no option for.
flags = $(if $(PEOPLE),--people $(PEOPLE)) $(if $(YEARS),--years $(YEARS)) \
	$(if $(REPLICATES),--replicates $(REPLICATES)) $(if $(SEED),--seed $(SEED)) $(if $(THREADS),--threads $(THREADS)) \
	$(if $(PARAMETERS),--parameters $(PARAMETERS)) $(if $(WITH),--with $(WITH)) $(if $(LANGUAGE),--lang $(LANGUAGE)) \
	$(if $(WORKERS),--workers $(WORKERS)) $(if $(BACKEND),--backend $(BACKEND)) $(if $(DRY),--dry-run) \
	$(if $(TRAJECTORIES),--trajectories $(TRAJECTORIES)) $(if $(POINTS),--points $(POINTS)) $(if $(DRAWS),--draws $(DRAWS)) \
	$(foreach lever,$(LEVERS),--lever $(lever)) $(foreach wish,$(PRECISION),--precision $(wish)) $(if $(FULL),--full) \
	$(if $(NAME),--name $(NAME)) $(if $(CHECK),--check $(CHECK)) $(if $(ZONE),--zone $(ZONE)) \
	$(if $(OUT),--out $(OUT)) $(FLAGS)

.PHONY: help setup dev golden fsck mutants scenario scenarios compare study explain evaluate design scorecard check-scenario verify \
	targets calibrate sensitivity search learn observe ask replicate schema sweep status regions page plot report export test test-cluster \
	test-browser \
	test-nojit test-bounds fuzz check check-format check-lint check-python \
	check-types \
	check-layers check-docstrings check-dependencies check-packages check-addresses format bench wheel docs lock clean

help: ## list the targets and variables; in Chinese with LANGUAGE=zh
ifeq ($(LANGUAGE),'zh')
	@cat docs/zh/make.txt
else
	@echo 'Begin with:'
	@echo '    make scenario SCENARIO=pilot_ban      a rule against today, in two minutes'
	@echo '    make scenarios                        the rules that are ready to be tried'
	@echo '    make report FOLDER=results/pilot_ban  the results as a page'
	@echo 'All targets:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' Makefile | $(call wrapped,27)
	@echo
	@awk '/^#  / { sub(/^#/, ""); print }' Makefile | $(call wrapped,21)
endif

# Lines of 80 columns: the first $(1) of a line are a name, what follows is broken between words.
wrapped = awk -v left=$(1) '{ \
	line = sprintf("%-" left "s", substr($$0, 1, left)); count = split(substr($$0, left + 1), word, " "); \
	for (i = 1; i <= count; i++) { \
		if (length(line) > left && length(line) + length(word[i]) > 80) { sub(/ $$/, "", line); print line; line = sprintf("%" left "s", "") } \
		line = line word[i] " " \
	} sub(/ +$$/, "", line); print line }'

# Variables, given as in: make scenario SCENARIO=pilot_ban YEARS=1
#  SCENARIO=name      a scenario that `make scenarios` lists, or the path of a scenario file
#  SCENARIOS="a b c"  for `make compare`: the reference, and what is compared with it; for `make learn`: the choice
#  PRECISION="x=0.1"  for `make compare`: outcomes with the half width of the interval that is wanted
#  FOLDER=folder      the folder of results or of a sweep, for all targets that read one
#  NAME=name          for `make compare`: the results folder
#  LOG=file           for `make observe` and `make ask`: a message log with sender, recipient and time
#  ZONE=name          for both: the time zone of the people, as in Asia/Shanghai
#  FLAGS="--x y"      further options of a command, such as those that `offhours observe --help` lists
#  DRY=1              for study, sweep, search, sensitivity and learn: only print what they cost
#  DESIGN=name        for `make sweep`: a design of scenarios/sweeps/, or the path of a design file; for `make study`: one of scenarios/studies/
#  CHECK=folder       for `make page`: a sweep of the same axes at other points
#  LANGUAGE=zh        output, tables and figures in Chinese, for all targets that simulate, draw or list
#  PEOPLE=n           people simulated
#  YEARS=n            years simulated
#  REPLICATES=n       pairs of runs, each pair with its own seed
#  SEED=n             seed of the first replicate
#  THREADS=n          threads; results do not depend on it
#  PARAMETERS=set     for all targets that simulate: surveyed (the default), report, audited, point, or a file of draws; scenario, compare, search and study take several, as in report,audited, and show what depends on the set
#  SET=name           for `make calibrate`: surveyed (the default), report, audited or a file of targets; FULL=1 for more simulations, WORKERS=n for processes, BACKEND=name for where they run (local, serial, dask, slurm)
#  TRAJECTORIES=n     for `make sensitivity`: trajectories of screening; POINTS=n for the shares of the variance, and for `make search` points of its emulators
#  LEVERS="k.f=a:b"   for `make search`: numbers of levers with their ranges; FLAGS for demands and sizes
#  DRAWS=n            for `make learn`: draws of the parameters
#  CASES=n            for `make fuzz`: cases of each kind; FIRST=n for the number of the first
#  STRICT=1           for `make bench`: fail if an aim is not met
#  PARTS="x y"        for `make bench`: what to measure instead of everything, as in `PARTS="twin threads"`
#  OUT=folder         where tables and figures go
#  WITH=file.py       levers and managers of your own, as in docs/examples
#  PYTHON=path        the Python that .venv is made with, instead of the first suitable one found

setup: ## make .venv with what a run needs (other targets do this by themselves)
	@.ci/environment run

dev:
	@.ci/environment dev

scenario: ## run SCENARIO and its counterfactual, and compare them
	$(call needs,SCENARIO,pilot_ban)
	@$(offhours) run $(SCENARIO) $(flags)

compare: ## compare the first of SCENARIOS="a b c" with each of the others; stored simulations are reused
	$(call needs,SCENARIOS,"pilot_ban quiet_hours")
	@$(offhours) compare $(SCENARIOS) $(flags)

study: ## run or continue the study of DESIGN, by default of all rules under all parameter sets; DRY=1 only prints what it costs
	@$(offhours) study $(or $(DESIGN),all_rules) $(flags)

explain: ## show which mechanisms the effect of SCENARIO comes from
	$(call needs,SCENARIO,pilot_ban)
	@$(offhours) explain $(SCENARIO) $(flags)

evaluate: ## evaluate the roll-out SCENARIO from a survey and payrolls alone, beside the truth
	$(call needs,SCENARIO,pilot_ban)
	@$(offhours) evaluate $(SCENARIO) $(flags)

design: ## find how large a pilot of SCENARIO must be to find its effect
	$(call needs,SCENARIO,pilot_ban)
	@$(offhours) design $(SCENARIO) $(flags)

scorecard: ## score the results in FOLDER by the report's five dimensions
	$(call needs,FOLDER,results/pilot_ban)
	@$(offhours) scorecard $(FOLDER) $(flags)

scenarios: ## list the scenarios by group
	@$(offhours) list $(flags)

check-scenario: ## read SCENARIO without running it, and report its mistakes
	$(call needs,SCENARIO,my_rules.toml)
	@$(offhours) check $(SCENARIO) $(flags)

sweep: ## run or continue the sweep of DESIGN; DRY=1 only prints how large it is
	$(call needs,DESIGN,quick)
	@$(offhours) sweep $(DESIGN) $(flags)

status: ## show the progress of the sweep in FOLDER
	$(call needs,FOLDER,results/sweeps/quick-123456789abc)
	@$(offhours) status $(FOLDER) $(flags)

regions: ## show where in the space of parameters the rules of the sweep in FOLDER raise and lower outcomes
	$(call needs,FOLDER,results/sweeps/map-123456789abc)
	@$(offhours) regions $(FOLDER) $(flags)

page: ## make an interactive page of the sweep in FOLDER, with sliders; OUT=file, CHECK=folder of fresh points
	$(call needs,FOLDER,results/sweeps/quiet_hours_page-123456789abc)
	@$(offhours) page $(FOLDER) $(flags)

plot: ## draw the figures of the results or the sweep in FOLDER again
	$(call needs,FOLDER,results/pilot_ban)
	@$(offhours) plot $(FOLDER) $(flags)

report: ## write a page about the results in FOLDER, for decision makers; OUT=file for its place
	$(call needs,FOLDER,results/pilot_ban)
	@$(offhours) report $(FOLDER) $(flags)

export: ## write the tables and figures of FOLDER as CSV, Excel, LaTeX and PDF into OUT, by default FOLDER/export
	$(call needs,FOLDER,results/pilot_ban)
	@$(offhours) export $(FOLDER) $(flags)

fsck: ## check what is stored in FOLDER against its checksums, and print how to repair it
	$(call needs,FOLDER,results)
	@$(offhours) fsck $(FOLDER) $(flags)

verify: ## run the model's own checks against theory
	@$(offhours) verify $(flags)

calibrate: ## fit the parameters to SET=surveyed, report or audited; continues after an interruption
	@$(offhours) calibrate $(or $(SET),surveyed) $(flags)

sensitivity: ## find which parameters move the outcomes and the effect of SCENARIO; continues after an interruption
	$(call needs,SCENARIO,pilot_ban)
	@$(offhours) sensitivity $(SCENARIO) $(flags)

search: ## find forms of SCENARIO that are robust, over LEVERS="kind.field=low:high ..."; continues after an interruption
	$(call needs,SCENARIO,quiet_hours LEVERS="quiet_hours.from_hour=18:23")
	@$(offhours) search $(SCENARIO) $(flags)

learn: ## rank what to measure next by how far it would narrow the effect of SCENARIO; continues after an interruption
	$(if $(SCENARIOS),,$(call needs,SCENARIO,pilot_ban))
	@$(offhours) learn $(SCENARIO) $(SCENARIOS) $(flags)

targets: ## compare the model with the survey figures that it should reproduce
	@$(offhours) targets $(if $(SET),--set $(SET)) $(flags)

observe: ## turn the message log LOG (a table, or an export of Slack, Teams, Outlook or mail) into targets of the model
	$(call needs,LOG,log.csv)
	@$(offhours) observe $(LOG) --model $(flags)

ask: ## estimate which messages of LOG the rules of SCENARIO would touch, and their effect
	$(call needs,LOG,log.csv SCENARIO=quiet_hours)
	$(call needs,SCENARIO,quiet_hours LOG=log.csv)
	@$(offhours) ask $(LOG) $(SCENARIO) $(flags)

replicate: ## replay the published experiments that the model was never tuned on
	@$(offhours) replicate --all $(flags)

schema: ## write scenarios/scenario.schema.json, which editors use for completion
	@$(offhours) schema --out scenarios/scenario.schema.json $(flags)

test: dev ## run the test suite
	@echo "Testing in a process for each processor and one more, four at the most: about five minutes on two."
	@echo "The first run after a change of the engine also compiles it, for a quarter of a minute; tests without it begin meanwhile."
	@$(bin)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-cluster: dev ## run a sweep on a real SLURM of two nodes on this machine, and kill one of them
	@$(bin)/python -m tests.cluster

test-browser: dev ## open the reports in a real browser, wide and narrow, and check them for accessibility
	@$(bin)/python -m tests.browser

test-nojit: dev ## run the small-world tests with compilation off
	@NUMBA_DISABLE_JIT=1 $(bin)/python -m pytest -m smallworld

test-bounds: dev ## run the tests of rules with an engine that checks each index
	@NUMBA_BOUNDSCHECK=1 $(bin)/python -m pytest --numprocesses auto --dist loadfile tests/test_golden.py \
		tests/test_mechanisms.py tests/test_oversight.py tests/test_pairing.py tests/test_slices.py

fuzz: dev ## try CASES damaged files and folders of each kind; FIRST=n is the number, and seed, of the first
	@$(bin)/python -m tests.fuzz $(if $(CASES),--cases $(CASES)) $(if $(FIRST),--first $(FIRST))

mutants: dev ## plant faults into the rules one by one, and see that each is found; FULL=1 for all, not a sample
	@NUMBA_DISABLE_JIT=1 $(bin)/python -m tests.mutation $(if $(FULL),--full)

branches: dev ## count how often the branches of rules are taken, by which the compiler lays out machine code
	@$(bin)/python -m tests.branches

golden: dev ## show what changed in the golden run, and store the run as it is now
	@$(bin)/python -m tests.golden

check: check-format check-lint check-python check-types check-layers check-docstrings check-dependencies check-packages check-addresses ## all of these checks:

check-format: dev ## format, by ruff
	$(bin)/ruff format --check .

check-lint: dev ## lint, by ruff
	$(bin)/ruff check .

check-python: dev ## that the oldest supported Python has all that is used, by vermin
	$(bin)/vermin --quiet --eval-annotations --exclude file --target=3.12- --violations sim setup.py docs tests .ci

check-types: dev ## types, by mypy
	$(bin)/mypy

check-layers: dev ## that imports go one way, by import-linter
	$(bin)/lint-imports --no-logo

check-docstrings: dev ## docstrings against signatures, by pydoclint
	$(bin)/pydoclint --quiet sim

check-dependencies: dev ## that imports and declared dependencies agree, by deptry
	$(bin)/deptry sim

check-packages: dev ## that the installed packages are compatible with each other and the project
	$(bin)/python -m pip --disable-pip-version-check check

check-addresses: dev ## that no registry address or machine path is in the tracked files
	$(bin)/python tests/checks/stray_addresses.py

format: dev ## format the code and fix what the linter can fix
	$(bin)/ruff format .
	$(bin)/ruff check --fix .

bench: dev ## measure speed and memory; with STRICT=1 a missed aim is a failure
	@$(bin)/python -m tests.bench $(if $(STRICT),--strict) $(PARTS)

wheel: dev ## build a wheel into dist/ that compiles nothing: its machine code is for this system and version of Python
	@$(bin)/python -m tests.wheel

docs: dev ## build the documentation into build/docs, readable offline
	rm -rf $(docs)
	$(bin)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs $(docs)
	$(bin)/python tests/checks/offline_pages.py $(docs)
	@echo "Open $(docs)/index.html"

lock: dev ## pin the newest allowed packages in requirements.txt and requirements-dev.txt
	$(pin) --group build --output-file requirements.txt
	$(pin) --group build --group dev --extra cluster --constraints requirements.txt --output-file requirements-dev.txt

pin = $(bin)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.12 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-header

clean: ## remove what was built or cached, .venv included
	rm -rf .venv .venv.lock build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find sim tests docs -name __pycache__ -type d -prune -exec rm -rf {} +
