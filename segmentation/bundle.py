"""A trained network on disk: weights, spec, thresholds, figures and card, in one folder.

The weights are read only when their sha256 is the one the spec names. The architecture is always built by
our own code from the spec: no file can bring code of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from segmentation.errors import BundleError
from segmentation.spec import NUCLEI, ModelSpec

SHIPPED = Path(__file__).parent / "bundles"


def find_bundle(name: str | Path | None = None, root: Path = SHIPPED) -> Path:
    """The folder of a bundle, by its folder's path, its name ("nuclei-1") or its family ("nuclei": newest).

    Without a name, the newest of the family "nuclei". Raises BundleError when there is none.
    """
    if name is not None and (Path(name) / "spec.json").is_file():
        return Path(name)
    available = {folder.parent.name: folder.parent for folder in sorted(root.glob("*/spec.json"))}
    wanted = str(name or NUCLEI)
    if wanted in available:
        return available[wanted]
    family = [(load_spec(p).version, p) for p in available.values() if load_spec(p).family == wanted]
    if not family:
        raise BundleError("bundle_missing", name=wanted, available=", ".join(available) or "-")
    return max(family)[1]


def load_spec(folder: Path) -> ModelSpec:
    """The spec of a bundle; BundleError when the file is missing or says what we do not know."""
    try:
        return ModelSpec.from_dict(json.loads((folder / "spec.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BundleError("bundle_spec", name=folder.name, detail=error) from error


def verified_weights(folder: Path, spec: ModelSpec) -> Path:
    """The path of the weights, once their digest is the spec's; BundleError otherwise."""
    path = folder / spec.weights
    # a spec cannot point outside its own folder
    if path.parent != folder or not path.is_file() or file_digest(path) != spec.digest:
        raise BundleError("bundle_digest", name=folder.name)
    return path


def verified_int8(folder: Path, spec: ModelSpec) -> Path:
    """The path of the int8 network, once its digest is the spec's; BundleError otherwise."""
    if spec.int8 is None:
        raise BundleError("bundle_int8_missing", name=spec.name)
    path = folder / spec.int8.file
    if path.parent != folder or not path.is_file() or file_digest(path) != spec.int8.digest:
        raise BundleError("bundle_digest", name=folder.name)
    return path


def file_digest(path: Path) -> str:
    """The sha256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write under a temporary name, then rename: a reader never sees half a file."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
