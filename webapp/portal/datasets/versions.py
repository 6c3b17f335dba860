"""One frozen version: what is in it, how it is split, its manifest and its export."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Sum
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from webapp.accounts.requests import PersonRequest
from webapp.accounts.roles import CURATE, needs
from webapp.common.responses import disposition, file_response, stem
from webapp.datasets.exports import export_chunks, export_name
from webapp.datasets.models import DatasetVersion, VersionSample
from webapp.datasets.selectors import versions_of
from webapp.portal.modalities import modality_name
from webapp.portal.progress import job_view

PARTS = VersionSample.Part.values


@dataclass
class Cell:
    """Pictures, nuclei and groups of one part."""

    pictures: int = 0
    nuclei: int = 0
    groups: int = 0


@dataclass
class Line:
    """One row of the table: a kind of picture or a class, over the three parts and in all."""

    name: str | Promise
    parts: dict[str, Cell] = field(default_factory=lambda: {part: Cell() for part in PARTS})

    @property
    def cells(self) -> list[Cell]:
        return list(self.parts.values())

    @property
    def pictures(self) -> int:
        return sum(cell.pictures for cell in self.parts.values())

    @property
    def nuclei(self) -> int:
        return sum(cell.nuclei for cell in self.parts.values())

    @property
    def groups(self) -> int:
        return sum(cell.groups for cell in self.parts.values())


def split_lines(version: DatasetVersion, by: str) -> list[Line]:
    """Counts by part and by `modality` or `sample__category`, from the rows of the version itself."""
    lines: dict[str, Line] = {}
    rows = (
        VersionSample.objects.filter(version=version)
        .order_by(by, "part")
        .values_list(by, "part")
        .annotate(Count("pk"), Sum("nuclei_count"), Count("group", distinct=True))
    )
    for key, part, pictures, nuclei, groups in rows:
        name = modality_name(key) if by == "modality" else key
        line = lines.setdefault(key, Line(name or _("not said")))
        line.parts[part] = Cell(pictures, nuclei or 0, groups)
    return list(lines.values())


def whole_line(version: DatasetVersion) -> Line:
    """All kinds together: a group counts once a part, though it may hold several kinds."""
    line = Line(_("all"))
    rows = (
        VersionSample.objects.filter(version=version)
        .order_by("part")
        .values_list("part")
        .annotate(Count("pk"), Sum("nuclei_count"), Count("group", distinct=True))
    )
    for part, pictures, nuclei, groups in rows:
        line.parts[part] = Cell(pictures, nuclei or 0, groups)
    return line


def _named(lines: Iterable[Line]) -> list[Line]:
    """Without the table whose only row says nothing."""
    found = list(lines)
    return found if len(found) > 1 or (found and found[0].name != _("not said")) else []


@needs(CURATE)
@require_safe
def version_page(request: PersonRequest, version_id: uuid.UUID) -> HttpResponse:
    version = get_object_or_404(
        versions_of(request.user).select_related("dataset", "job", "manifest", "created_by"), pk=version_id
    )
    context = {
        "version": version,
        "dataset": version.dataset,
        "view": job_view(version.job),
        "whole": whole_line(version),
        "by_modality": _named(split_lines(version, "modality")),
        "by_category": _named(split_lines(version, "sample__category")),
        "part_names": [part.label for part in VersionSample.Part],
    }
    return render(request, "datasets/version.html", context)


def _frozen(request: PersonRequest, version_id: uuid.UUID) -> DatasetVersion:
    version: DatasetVersion = get_object_or_404(
        versions_of(request.user).select_related("dataset", "manifest"), pk=version_id
    )
    if not version.is_frozen:
        raise Http404
    return version


@needs(CURATE)
@require_safe
def version_manifest(request: PersonRequest, version_id: uuid.UUID) -> HttpResponseBase:
    version = _frozen(request, version_id)
    if version.manifest is None:
        raise Http404
    return file_response(version.manifest, download_as=f"{stem(export_name(version))}_manifest.csv")


@needs(CURATE)
@require_safe
def version_export(request: PersonRequest, version_id: uuid.UUID) -> HttpResponseBase:
    """Pictures, labels, manifest and split as one ZIP, made while it is sent."""
    version = _frozen(request, version_id)
    response = StreamingHttpResponse(export_chunks(version), content_type="application/zip")
    response["Content-Disposition"] = disposition(export_name(version))
    response["Cache-Control"] = "private, no-store"
    return response
