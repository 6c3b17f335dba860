"""The only door to the test part of a frozen version. Nothing that trains or tunes may import this."""

from __future__ import annotations

from webapp.datasets.models import DatasetVersion, VersionSample


def test_rows(version: DatasetVersion) -> list[VersionSample]:
    """The lines of the test part, in the manifest's order, with their files."""
    rows = version.samples.filter(part=VersionSample.Part.TEST).select_related("picture", "labels")
    return list(rows.order_by("name", "id"))
