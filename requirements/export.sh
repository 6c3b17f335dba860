#!/usr/bin/env bash
# Writes from uv.lock the three lists that manage.py installs, and the two of the web's and the GPU's image. Run it after `uv lock`; a test compares.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
common=(export --frozen --no-dev --no-emit-project --no-annotate --no-header --format requirements-txt)
"$uv" "${common[@]}" --output-file requirements/run.txt >/dev/null
"$uv" "${common[@]}" --group test --output-file requirements/test.txt >/dev/null
"$uv" "${common[@]}" --only-group web --output-file requirements/web.txt >/dev/null
"$uv" "${common[@]}" --group gpu --output-file requirements/gpu.txt >/dev/null
"$uv" "${common[@]}" --only-group installer --output-file requirements/installer.txt >/dev/null
