# Commands of every day; `just` lists them. Everything here is also a plain `uv run …`.
set shell := ["bash", "-cu"]

default:
    @just --list --unsorted

# the demo: a real outbreak in the browser
demo *args:
    uv run bulou demo {{args}}

# the quick suite: SQLite, a hundred histories per rule
test *args:
    uv run pytest {{args}}

# the quick suite on PostgreSQL
test-postgres url="postgres://postgres@127.0.0.1:5432/postgres" *args="":
    DATABASE_URL={{url}} uv run pytest {{args}}

# journeys in a real browser
journeys *args:
    uv run --group dev pytest tests/e2e -m e2e {{args}}

# lint, types, floors, messages
check:
    uv run --group dev ruff check . && uv run --group dev ruff format --check . && uv run --group dev mypy src && uv run --group dev lint-imports && uv run python tools/messages.py --check

# put right what can be put right by machine
fix:
    uv run --group dev ruff check --fix . && uv run --group dev ruff format . && uv run python tools/messages.py

# the handbook page from the spec tables, and the generated references
pages:
    uv run python -m tests.spec.handbook && uv run python tools/reference.py

# all that must be green before a change lands
ci:
    bash .ci/run

# by hand, long: ten thousand histories per rule and the benches at full size; figures go to docs/reference/measured.md
long:
    BULOU_HISTORIES=10000 uv run pytest tests/property tests/planted -n 2
    BULOU_HISTORIES=10000 uv run pytest tests/engine -n 2
    BULOU_HISTORIES=1000 BULOU_SEEDS=50 uv run pytest tests/exercise/test_zeros.py -n 2
    for bench in enter asof board link export imports bulk assessment district; do uv run python bench/$bench.py; done
    uv run --group dev python bench/calibration.py
    uv run --with covasim python bench/outbreak.py
    uv run --with polars python bench/rings.py
