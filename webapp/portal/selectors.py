"""Questions that reach over several apps: a case with its analyses, the list of cases with its counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from webapp.accounts.models import User
from webapp.analyses.models import Analysis
from webapp.cases.models import Biopsy, BiopsyImage, Case
from webapp.cases.selectors import cases_of, images_of
from webapp.jobs.models import Job, State
from webapp.portal.states import PictureState, picture_states

SORTS = {
    "newest": ("-updated_at",),
    "oldest": ("updated_at",),
    "patient": ("patient__code", "-updated_at"),
}
THUMBNAILS = 4
LIVE = {State.QUEUED, State.RUNNING}


@dataclass
class CaseRow:
    """One line of the list of cases."""

    case: Case
    pictures: int = 0
    nuclei: int = 0
    live: int = 0
    failed: int = 0
    thumbnails: list[tuple[UUID, str]] = field(default_factory=list)


@dataclass
class BiopsyGroup:
    """One biopsy of a case page, with how its pictures stand."""

    biopsy: Biopsy
    states: list[PictureState]


def cases_found(user: User, *, query: str, sort: str) -> QuerySet[Case]:
    """The clinic's cases whose patient code or title holds the words."""
    cases = cases_of(user)
    if query:
        cases = cases.filter(Q(patient__code__icontains=query) | Q(title__icontains=query))
    return cases.order_by(*SORTS.get(sort, SORTS["newest"]), "pk")


def case_rows(cases: Iterable[Case]) -> list[CaseRow]:
    """Counts and first thumbnails of the cases of one page, in one query."""
    rows = {case.pk: CaseRow(case) for case in cases}
    newest = Analysis.objects.filter(image=OuterRef("pk")).order_by("-created_at")
    pictures = (
        BiopsyImage.objects.filter(biopsy__case__in=list(rows))
        .order_by("position", "uploaded_at")
        .values_list(
            "biopsy__case_id",
            "pk",
            "thumbnail__sha256",
            "prepare_job__state",
            Subquery(newest.values("job__state")[:1]),
            Subquery(newest.values("nuclei_count")[:1]),
        )
    )
    for case_id, image_id, thumbnail, prepare_state, state, nuclei in pictures:
        row = rows[case_id]
        row.pictures += 1
        row.nuclei += nuclei or 0
        row.live += (state or prepare_state) in LIVE
        row.failed += (state or prepare_state) == State.FAILED
        if thumbnail and len(row.thumbnails) < THUMBNAILS:
            row.thumbnails.append((image_id, thumbnail))
    return list(rows.values())


def newest_analyses(images: Iterable[BiopsyImage]) -> dict[UUID, Analysis]:
    """The newest analysis of each picture that has one."""
    found = Analysis.objects.filter(image__in=[image.pk for image in images]).select_related("job")
    return {analysis.image_id: analysis for analysis in found.order_by("created_at")}


def biopsy_groups(user: User, case: Case) -> list[BiopsyGroup]:
    """Every biopsy of the case with its pictures, oldest sample first."""
    images = list(images_of(user).filter(biopsy__case=case).order_by("position", "uploaded_at"))
    of_biopsy: dict[UUID, list[PictureState]] = defaultdict(list)
    for state in picture_states(images, newest_analyses(images)):
        of_biopsy[state.image.biopsy_id].append(state)
    # By date of the sample; those without one stand last, in the order in which they were written.
    biopsies = case.biopsies.order_by(F("taken_on").asc(nulls_last=True), "created_at")
    return [BiopsyGroup(biopsy, of_biopsy[biopsy.pk]) for biopsy in biopsies]


def demo_job(case: Case) -> Job | None:
    """The job that draws the demo pictures, while it has not ended well."""
    if not case.is_demo:
        return None
    jobs = Job.objects.filter(clinic=case.clinic_id, kind="demo", payload__case_id=str(case.pk))
    return jobs.exclude(state=State.SUCCEEDED).order_by("-created_at").first()


def neighbours(image: BiopsyImage) -> tuple[BiopsyImage | None, BiopsyImage | None]:
    """The pictures before and after this one in its biopsy."""
    pictures = list(BiopsyImage.objects.filter(biopsy=image.biopsy_id).order_by("position", "uploaded_at"))
    at = [picture.pk for picture in pictures].index(image.pk)
    return (
        pictures[at - 1] if at > 0 else None,
        pictures[at + 1] if at + 1 < len(pictures) else None,
    )
