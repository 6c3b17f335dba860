"""A frozen version as one ZIP, read from storage while it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from segmentation.errors import DataError
from webapp.common.models import StoredFile
from webapp.common.storage import CHUNK_BYTES, absolute
from webapp.datasets.archives import zip_chunks
from webapp.datasets.manifests import SPLIT_COLUMNS, csv_bytes, line_ids, line_key
from webapp.datasets.models import DatasetVersion, VersionSample

README = """# {dataset}, version {number}

Frozen on {date} (UTC). Digest of the manifest (sha256): {digest}

{pictures} pictures of {groups} groups with {nuclei} nuclei: {train} for training, {validation} for
validation, {test} for the test. Pictures of one group are all in one part.

{description}

## Files
- `images/<id>.*`: the pictures as they came in, byte for byte.
- `labels/<id>.png` (`.tif` above 65,535 nuclei): 0 is the background, each nucleus has a number.
- `manifest.csv`: where each comes from, who shares its group, its part, the sha256 of both files.
- `split.csv`: id, group, modality, part.

## Sources and licences
{sources}
"""


def export_chunks(version: DatasetVersion) -> Iterator[bytes]:
    """The ZIP of a frozen version, piece by piece; the same version gives the same bytes.

    Raises DataError, before the first piece, for a version that is not frozen yet.
    """
    if not version.is_frozen:
        raise DataError("version_unfrozen", number=version.number)
    return zip_chunks(_members(version))


def export_name(version: DatasetVersion) -> str:
    """What a browser saves it as."""
    plain = "".join(c if c.isalnum() else "-" for c in version.dataset.name).strip("-") or "dataset"
    return f"{plain}-v{version.number}.zip"


def _members(version: DatasetVersion) -> Iterator[tuple[str, Iterable[bytes]]]:
    lines = sorted(version.samples.select_related("sample", "picture", "labels"), key=line_key)
    ids = line_ids(line.name for line in lines)
    assert version.manifest is not None
    yield "README.md", [_readme(version, lines).encode()]
    yield "manifest.csv", _content(version.manifest)
    split = [
        (line_id, line.group, line.modality, line.part) for line_id, line in zip(ids, lines, strict=True)
    ]
    yield "split.csv", [csv_bytes(SPLIT_COLUMNS, sorted(split))]
    for line_id, line in zip(ids, lines, strict=True):
        yield f"images/{line_id}{_ending(line.picture)}", _content(line.picture)
        yield f"labels/{line_id}{_ending(line.labels)}", _content(line.labels)


def _content(stored: StoredFile) -> Iterator[bytes]:
    with absolute(stored.path).open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def _ending(stored: StoredFile) -> str:
    return PurePosixPath(stored.path).suffix


def _readme(version: DatasetVersion, lines: list[VersionSample]) -> str:
    counts = version.statistics
    parts = counts.get("parts", {})
    origins = sorted({(line.sample.source or "—", line.sample.licence or "—") for line in lines})
    return README.format(
        dataset=version.dataset.name,
        number=version.number,
        date=version.created_at.strftime("%Y-%m-%d"),
        digest=version.digest,
        description=version.dataset.description,
        sources="\n".join(f"- {source}: {licence}" for source, licence in origins),
        **{name: counts.get(name, 0) for name in ("pictures", "groups", "nuclei")},
        **{part: parts.get(part, {}).get("pictures", 0) for part in VersionSample.Part.values},
    )
