"""Which path a picture takes through a network: float32, the reference, or int8 where that is faster here.

Each worker's machine measures a bundle once (worker/pace.py) and the figures stay in a file beside the
storage, which the web reads: the path is part of what an analysis is, so that repeats agree.
"""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings

from segmentation.spec import FP32, INT8
from webapp.registry.models import ModelVersion

WORTH = 1.2
"""How many times as fast as the reference int8 must be, on every machine that was measured."""


def reference_parameters() -> dict[str, Any]:
    """Of an analysis by the reference: none."""
    return {}


def int8_parameters(version: ModelVersion) -> dict[str, Any] | None:
    """Of an analysis by int8, with the digest of that network's file; None where the bundle has none."""
    digest = _int8_digest(version)
    return {"path": INT8, "digest": digest} if digest else None


def path_parameters(version: ModelVersion) -> dict[str, Any]:
    """The parameters that say which path a new analysis by this version takes."""
    fast = int8_parameters(version)
    if fast is None or settings.MEDULA_PATH == FP32:
        return reference_parameters()
    if settings.MEDULA_PATH == INT8:
        return fast
    machines = _machines(_read(), version)
    faster = bool(machines) and all(one[INT8] >= WORTH * one[FP32] for one in machines.values())
    return fast if faster else reference_parameters()


def must_measure(version: ModelVersion, machine: str) -> bool:
    """Whether there is a choice to make that this machine has not been measured for."""
    if settings.MEDULA_PATH != "auto" or not _int8_digest(version):
        return False
    return machine not in _machines(_read(), version)


def pace_record(*, version: ModelVersion, machine: str, figures: dict[str, float]) -> None:
    """Keep what a machine measured, megapixels a second by path. A reader never sees half a file."""
    found = _read()
    machines = {**_machines(found, version), machine: {path: float(figures[path]) for path in (FP32, INT8)}}
    found[version.digest] = {INT8: _int8_digest(version), "machines": machines}
    file = _file()
    temporary = file.with_name(f"{file.name}.{uuid.uuid4().hex}")
    temporary.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    os.replace(temporary, file)


def _file() -> Path:
    return Path(settings.MEDULA_VAR) / "speed.json"


def _int8_digest(version: ModelVersion) -> str:
    found = version.spec.get(INT8) if isinstance(version.spec, dict) else None
    return str(found.get("digest", "")) if isinstance(found, dict) else ""


def _read() -> dict[str, Any]:
    """What was measured; nothing where the file is missing or spoilt: it is measured again then."""
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _machines(found: dict[str, Any], version: ModelVersion) -> dict[str, dict[str, float]]:
    """The measured machines of a bundle, while it carries the same int8 network; spoilt rows left out."""
    entry = found.get(version.digest)
    if not isinstance(entry, dict) or entry.get(INT8) != _int8_digest(version):
        return {}
    machines = entry.get("machines")
    if not isinstance(machines, dict):
        return {}
    return {name: one for name, one in machines.items() if _whole(one)}


def _whole(figures: Any) -> bool:
    return isinstance(figures, dict) and all(
        isinstance(figures.get(path), (int, float)) and figures[path] > 0 for path in (FP32, INT8)
    )
