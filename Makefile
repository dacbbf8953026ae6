# 二つのコマンドで全部：make demo（用意して例を流す） make test（用意して試験する）
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# 試験の作業場所は何千回も作っては捨てる。広いメモリ上の場所があればそこに置く（なければ /tmp）。
SCRATCH := $(shell [ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null \
  && ! findmnt -no OPTIONS /dev/shm | grep -q noexec && echo /dev/shm || echo /tmp)
# 試験はブラウザーやファイルの落ち着きを待つ間が多い：計算する数より一つ多く並べる。
WORKERS := $(shell expr $$(nproc) + 1)
NODE   := tests/node/node_modules/.package-lock.json
export TODOKE_WORKSPACE := $(CURDIR)
# 試験は届けを千回も起動する：そのたびに読み直さない。
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check check-code check-material bench pages setup apt lock clean

demo: setup
	$(BIN)/todoke demo --out demo

test: setup $(NODE)
	PYTEST_DEBUG_TEMPROOT=$(SCRATCH) $(BIN)/python -m pytest -n $(WORKERS)

check: check-code check-material

check-code: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check-material: setup
	$(BIN)/todoke check

bench: setup
	$(BIN)/python -m benchmarks.run

pages: setup
	$(BIN)/python docs/pages/make_pages.py

setup: apt $(VENV)/.installed

# PDFと書体に要るDebianのパッケージ。rootで動くときだけ入れる（なければWordだけを作り、そう表示する）。
APT := chromium nodejs poppler-utils libreoffice-writer python3-uno fonts-morisawa-bizud-mincho fonts-morisawa-bizud-gothic fonts-noto-cjk strace
apt:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg -s $(APT) >/dev/null 2>&1; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(APT) >/dev/null; \
	fi

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# 様式をほかのプログラムで保存し直す試験に使うもの。npm がなければ入れず、その試験は理由を述べて飛ばす。
$(NODE): tests/node/package-lock.json
	@if [ "$$(id -u)" = 0 ] && ! command -v npm >/dev/null && command -v apt-get >/dev/null; then \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm >/dev/null; fi
	@if command -v npm >/dev/null; then npm install --prefix tests/node --no-save --no-audit --no-fund --silent; fi

# 版を新しくするとき：requirements.in から、ハッシュつき・置き場所の名前なしの一覧を作り直す。
lock:
	$(PYTHON) -m venv build/lock && build/lock/bin/pip install -q uv
	build/lock/bin/uv pip compile -q --generate-hashes --no-header --no-emit-index-url --python-version 3.11 -o requirements.lock requirements.in

clean:
	rm -rf $(VENV) demo build *.egg-info
