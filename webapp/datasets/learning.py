"""What a training may see of a frozen version: its training and validation parts."""

from __future__ import annotations

from webapp.datasets.models import DatasetVersion, VersionSample

PARTS = (VersionSample.Part.TRAIN, VersionSample.Part.VALIDATION)


def learning_rows(version: DatasetVersion) -> list[VersionSample]:
    """The lines of the training and validation parts, in the manifest's order, with their files."""
    rows = version.samples.filter(part__in=PARTS).select_related("picture", "labels")
    return list(rows.order_by("name", "id"))
