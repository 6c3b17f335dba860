"""A batch read as a whole: how many stand where, and one row a picture."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value, When
from django.db.models.functions import Coalesce

from segmentation.errors import SENTENCES, sentence
from webapp.accounts.models import User
from webapp.analyses.models import Analysis, Batch, BatchItem
from webapp.analyses.nuclei import NOTICE, calibration, sizes_of
from webapp.common.spreadsheets import plain
from webapp.jobs.models import Job, Lane, State
from webapp.jobs.selectors import queue_places

REFUSED, UNPACKED, WAITING = "refused", "unpacked", "waiting"
TRY_AGAIN = (State.FAILED, State.CANCELLED)
ITEM_STATES = (*State.values, REFUSED, UNPACKED, WAITING)
ITEM_STATE_CHOICES = [(state, state) for state in ITEM_STATES]
BATCH_ROWS = 200
COLUMNS = (
    "position", "name", "state", "reason", "image", "sha256", "bytes", "width", "height", "um_per_px",
    "analysis", "model", "model_sha256", "nuclei", "touching_edge", "area_median", "area_quartile_1",
    "area_quartile_3", "area_unit", "modality", "finished_at", "notice",
)  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    pictures: int
    states: dict[str, int]
    archives_waiting: int
    is_finished: bool
    place: int


def batches_of(user: User) -> QuerySet[Batch]:
    """Newest first."""
    return (
        Batch.objects.of(user)
        .select_related("biopsy__case__patient", "model_version")
        .order_by("-created_at", "pk")
    )


def items_found(batch: Batch) -> QuerySet[Any]:
    """The batch's items with `state`, `last_job_id` and `analysis_id`, in the order in which they came.

    An archive that was taken apart says "unpacked"; a picture without any job ahead says "waiting".
    """
    wanted = Analysis.objects.filter(image=OuterRef("image")).order_by("-created_at")
    if batch.model_version_id is not None:
        wanted = wanted.filter(model_version=batch.model_version_id)
    newest = {name: Subquery(wanted.values(name)[:1]) for name in ("pk", "job_id", "job__state")}
    prepared = Q(analysis_id=None, image__prepare_job__state=State.SUCCEEDED)
    return (
        batch.items.annotate(analysis_id=newest["pk"], analysis_state=newest["job__state"])
        .annotate(
            state=Case(
                When(~Q(error_code=""), then=Value(REFUSED)),
                When(image=None, job__state=State.SUCCEEDED, then=Value(UNPACKED)),
                When(image=None, then=F("job__state")),
                When(prepared, then=Value(WAITING)),
                default=Coalesce(F("analysis_state"), F("image__prepare_job__state"), Value(WAITING)),
                output_field=CharField(),
            ),
            last_job_id=Coalesce(
                newest["job_id"], F("image__prepare_job_id"), F("job_id"), output_field=UUIDField()
            ),
        )
        .order_by("position")
    )


def batch_progress(batch: Batch) -> Progress:
    """Counts by state, and the place in the queue of its foremost waiting job (0: none waits)."""
    items = items_found(batch)
    counts = dict.fromkeys(ITEM_STATES, 0)
    pictures = archives = 0
    jobs: list[UUID] = []
    for state, image_id, job_id in items.values_list("state", "image_id", "last_job_id"):
        counts[state] += 1
        pictures += image_id is not None
        live = state in (State.QUEUED, State.RUNNING)
        archives += image_id is None and live
        if state == State.QUEUED:
            jobs.append(job_id)
    places = queue_places(lane=Lane.PICTURES) if jobs else {}
    return Progress(
        pictures=pictures,
        states=counts,
        archives_waiting=archives,
        is_finished=not (counts[State.QUEUED] or counts[State.RUNNING]),
        place=min((places[job] for job in jobs if job in places), default=0),
    )


def item_reason(item: Any, job: Job | None, language: str) -> str:
    """Why a file was refused or its work failed, as a sentence; "" where nothing is wrong."""
    code, params, error_id = item.error_code, item.error_params, ""
    if not code and job is not None and item.state == State.FAILED:
        code, params, error_id = job.error_code, job.error_params, job.error_id
    if not code:
        return ""
    known = code if code in SENTENCES else "unexpected"
    try:
        return sentence(known, {"error_id": error_id or "—", **params}, language)
    except (KeyError, IndexError, ValueError):  # the parameters are not those the sentence needs
        return sentence("unexpected", {"error_id": error_id or "—"}, language)


def table_rows(items: Iterable[Any], language: str) -> list[dict[str, Any]]:
    """One row of COLUMNS a file; sizes in µm where the scale is known, the unit said in its column."""
    items = list(items)
    analyses = Analysis.objects.select_related("model_version", "image__biopsy", "job").in_bulk(
        [item.analysis_id for item in items if item.analysis_id is not None]
    )
    jobs = Job.objects.in_bulk([item.last_job_id for item in items if item.last_job_id is not None])
    return [
        _row(item, analyses.get(item.analysis_id), jobs.get(item.last_job_id), language) for item in items
    ]


def pictures_found(batch: Batch) -> QuerySet[Any]:
    """The rows of the table: every file but the archives that were taken apart."""
    return items_found(batch).exclude(state=UNPACKED).select_related("image__original", "image__biopsy")


def table_csv(batch: Batch, language: str) -> Iterator[str]:
    """The whole table in pieces, as spreadsheets read it."""
    writer = csv.DictWriter(_Line(), COLUMNS, lineterminator="\n")
    yield "\ufeff" + ",".join(COLUMNS) + "\n"
    items = pictures_found(batch)
    last = 0
    while page := list(items.filter(position__gt=last)[:BATCH_ROWS]):
        last = page[-1].position
        lines = []
        for row in table_rows(page, language):
            written = {name: "" if value is None else value for name, value in row.items()}
            for name in ("name", "reason", "model", "modality"):
                written[name] = plain(written[name])
            lines.append(str(writer.writerow(written)))
        yield "".join(lines)


def _row(item: BatchItem, analysis: Analysis | None, job: Job | None, language: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    image = item.image
    row |= {
        "position": item.position,
        "name": item.name,
        "state": getattr(item, "state", ""),
        "reason": item_reason(item, job, language),
        "notice": NOTICE,
    }
    if image is not None:
        row |= {
            "image": str(image.pk),
            "sha256": image.original.sha256,
            "bytes": image.original.bytes,
            "width": image.width,
            "height": image.height,
            "um_per_px": image.um_per_px,
        }
    if analysis is not None:
        row |= {
            "analysis": str(analysis.pk),
            "model": str(analysis.model_version),
            "model_sha256": analysis.model_version.digest,
        }
        if analysis.nuclei_count is not None:
            row |= _figures(analysis)
    return row


def _figures(analysis: Analysis) -> dict[str, Any]:
    sizes = sizes_of(analysis)
    low, high = sizes.quartiles or (None, None)
    ended = analysis.job.finished_at
    return {
        "nuclei": sizes.count,
        "touching_edge": sizes.at_edge,
        "area_median": _rounded(sizes.median_area),
        "area_quartile_1": _rounded(low),
        "area_quartile_3": _rounded(high),
        "area_unit": "um2" if calibration(analysis) else "px2",
        "modality": analysis.modality,
        "finished_at": None if ended is None else ended.isoformat(),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


class _Line:
    """A file whose `write` hands the line back: csv's writer then returns it."""

    def write(self, line: str) -> str:
        return line
