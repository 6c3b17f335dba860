#!/usr/bin/env bash
# Writes the three lists that manage.py installs from uv.lock. Run it after `uv lock`; a test compares.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
common=(export --frozen --no-dev --no-emit-project --no-annotate --no-header --format requirements-txt)
"$uv" "${common[@]}" --output-file requirements/run.txt >/dev/null
"$uv" "${common[@]}" --group test --output-file requirements/test.txt >/dev/null
"$uv" "${common[@]}" --only-group installer --output-file requirements/installer.txt >/dev/null
