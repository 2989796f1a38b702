# make demo · make test · make env · make pins · make clean. Each sets up what it needs.

BIN = .venv/bin

# What runs here keeps its settings and caches here too, not in the user's home. The number of
# threads is given because scikit-learn, left to count cores, complains at length where it cannot.
CORES = $(shell getconf _NPROCESSORS_ONLN)
OWN = env OMP_NUM_THREADS=$(CORES) \
    XDG_CACHE_HOME="$(CURDIR)/.venv/cache" XDG_CONFIG_HOME="$(CURDIR)/.venv/config" \
    XDG_DATA_HOME="$(CURDIR)/.venv/data" XDG_STATE_HOME="$(CURDIR)/.venv/state"

# Windows of tests open on a virtual display where there can be one, drawn without a graphics card.
SCREEN = $(shell command -v Xvfb >/dev/null && echo QT_QPA_PLATFORM=xcb)
TEST = $(OWN) LIBGL_ALWAYS_SOFTWARE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(SCREEN)

.PHONY: demo test env pins clean

demo:
	.ci/set-up all
	$(OWN) $(BIN)/napari-brain-atlas demo

test: env
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(TEST) $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

env:
	.ci/set-up all,test

# The newest releases that pyproject.toml admits; run with the oldest Python, they suit the others.
pins:
	.ci/pin

clean:
	rm -rf .venv build demo *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find napari_brain_atlas tests -name __pycache__ -prune -exec rm -rf {} +
