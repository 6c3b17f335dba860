"""How a picture stands: one answer out of its two jobs, in words and numbers a page can show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from segmentation.errors import SENTENCES, sentence
from webapp.analyses.models import Analysis
from webapp.cases.models import BiopsyImage
from webapp.jobs.models import Job, Lane, State
from webapp.jobs.selectors import queue_places

STEPS: dict[str, Promise] = {
    "": _("Starting"),
    "reading": _("Reading the picture"),
    "preparing": _("Preparing the view"),
    "segmenting": _("Looking for nuclei"),
    "measuring": _("Measuring"),
    "drawing": _("Drawing"),
    "saving": _("Saving"),
    "library": _("Reading the mask library"),
    "matching": _("Laying stored masks over the nuclei"),
    "training": _("Training"),
    "tuning": _("Trying settings"),
    "evaluating": _("Reading the test part"),
    "finishing": _("Setting the thresholds"),
    "opening": _("Opening the archive"),
    "checking": _("Checking the files"),
}
# The share of a job's time that is over when a step begins and when it ends.
SHARES: dict[str, dict[str, tuple[float, float]]] = {
    "import": {"opening": (0, 5), "reading": (5, 100)},
    "freeze": {"reading": (0, 5), "checking": (5, 100)},
    "prepare": {"reading": (0, 30), "preparing": (30, 95), "drawing": (30, 95), "saving": (95, 100)},
    "segment": {
        "reading": (0, 5),
        "preparing": (5, 10),
        "segmenting": (10, 80),
        "measuring": (80, 88),
        "drawing": (88, 97),
        "saving": (97, 100),
    },
    "match": {"reading": (0, 5), "library": (5, 60), "matching": (60, 95), "saving": (95, 100)},
    "train": {"reading": (0, 3), "training": (3, 96), "finishing": (96, 99), "saving": (99, 100)},
    "tune": {"reading": (0, 3), "tuning": (3, 99), "saving": (99, 100)},
    "evaluate": {"reading": (0, 2), "evaluating": (2, 99), "saving": (99, 100)},
}


@dataclass(frozen=True)
class PictureState:
    """`key` is a job's state, or "ready" (prepared, never analysed) or "waiting" (no job yet)."""

    image: BiopsyImage
    analysis: Analysis | None
    job: Job | None
    key: str
    place: int = 0

    @property
    def is_live(self) -> bool:
        return self.key in {State.QUEUED, State.RUNNING}

    @property
    def is_done(self) -> bool:
        return self.key == State.SUCCEEDED

    @property
    def step(self) -> Promise | str:
        return STEPS.get(self.job.step, self.job.step) if self.job else ""

    @property
    def percent(self) -> int:
        return percent(self.job) if self.job else 0

    @property
    def sentence(self) -> str:
        return job_sentence(self.job) if self.job else ""

    @property
    def can_retry(self) -> bool:
        return self.key in {State.FAILED, State.CANCELLED}


def percent(job: Job) -> int:
    """How much of the job is over, 0 to 100, never falling back from one step to the next."""
    start, end = SHARES.get(job.kind, {}).get(job.step, (0, 100 if job.total else 0))
    within = min(job.done / job.total, 1.0) if job.total else 0.0
    return round(start + (end - start) * within)


def job_sentence(job: Job) -> str:
    """What went wrong, in the reader's language; a code we do not know is an unexpected error."""
    if not job.error_code:
        return ""
    language = get_language() or "es"
    code = job.error_code if job.error_code in SENTENCES else "unexpected"
    try:
        return sentence(code, {"error_id": job.error_id or "—", **job.error_params}, language)
    except (KeyError, IndexError, ValueError):  # the parameters are not those the sentence needs
        return sentence("unexpected", {"error_id": job.error_id or "—"}, language)


def picture_state(image: BiopsyImage, analysis: Analysis | None, places: dict[UUID, int]) -> PictureState:
    """The analysis speaks where there is one, the preparing job before that."""
    job = analysis.job if analysis is not None else image.prepare_job
    if job is None:
        return PictureState(image, analysis, None, "waiting")
    if analysis is None and job.state == State.SUCCEEDED:
        return PictureState(image, None, job, "ready")
    return PictureState(image, analysis, job, job.state, places.get(job.pk, 0))


def picture_states(images: Iterable[BiopsyImage], newest: dict[UUID, Analysis]) -> list[PictureState]:
    """The states of many pictures; the queue is asked once, and only where something waits."""
    images = list(images)
    jobs = [newest[image.pk].job if image.pk in newest else image.prepare_job for image in images]
    waits = any(job is not None and job.state == State.QUEUED for job in jobs)
    places = queue_places(lane=Lane.PICTURES) if waits else {}
    return [picture_state(image, newest.get(image.pk), places) for image in images]
