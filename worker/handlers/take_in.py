"""import: an archive of annotated pictures becomes samples of a data set.

A hostile archive fails as a whole; a file that cannot be used is left out and named in the report. Rows
are written at the very end, all of them or none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from segmentation import formats
from segmentation.errors import DataError, MedulaError, PictureRefused
from segmentation.group_tables import Facts, facts_of, read_table
from segmentation.images import Limits, Picture
from segmentation.layouts import Item, Listing, group_of, list_members
from segmentation.preprocessing import modality
from segmentation.pyramid import thumbnail
from webapp.cases.names import clean_name
from webapp.common.models import StoredFile
from webapp.common.storage import absolute, file_rows, store_bytes, store_file
from webapp.datasets.imports import dataset_open
from webapp.datasets.models import DatasetImport
from webapp.datasets.recording import Mask, NewSample, Outcome, import_record, new_files
from worker import decoder
from worker.handlers.samples import store_mask
from worker.imported_archives import Archive, ArchiveRefused
from worker.work import Finish, Work

MAX_TABLE_BYTES = 16 * 1000**2
GROUP_CHARACTERS, CATEGORY_CHARACTERS, MODALITY_CHARACTERS = 120, 80, 40


@dataclass
class Intake:
    """One import at work: what is asked, what the data set has, what is done so far."""

    work: Work
    row: DatasetImport
    archive: Archive
    table: dict[str, Facts]
    seen: set[str]
    found: list[NewSample] = field(default_factory=list)
    known: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def refuse(self, name: str, code: str, params: dict[str, Any]) -> None:
        self.problems.append({"name": name, "code": code, "params": _plain(params)})

    def tick(self) -> None:
        self.work.progress("reading", self.done, self.total)


def handle(work: Work) -> Finish:
    row = DatasetImport.objects.select_related("archive", "dataset").get(id=work.payload["import_id"])
    work.progress("reading")
    dataset_open(row.dataset)
    with Archive(absolute(row.archive.path)) as archive:
        listing = list_members(archive.names, row.layout)
        if not listing.items and not listing.problems:
            raise DataError("import_no_pictures")
        intake = Intake(work, row, archive, _tables(work, archive, listing), _pictures_of(row))
        for problem in listing.problems:
            intake.refuse(problem.name, problem.code, dict(problem.params))
        for done, item in enumerate(listing.items):
            intake.done, intake.total = done, len(listing.items)
            intake.tick()
            _take(intake, item)
    work.progress("saving")
    # Ahead of the end, a few at a time: forty thousand rows at once would shut others out of the ledger.
    file_rows(clinic_id=work.clinic_id, stored=new_files(intake.found))
    outcome = Outcome(
        layout=listing.layout, known=intake.known, ignored=listing.ignored, problems=intake.problems
    )

    def finish() -> None:
        import_record(import_id=row.pk, found=intake.found, outcome=outcome)

    return finish


def _take(intake: Intake, item: Item) -> None:
    """One picture with its labels; what is wrong with it goes to the report."""
    try:
        source = intake.archive.extract(item.picture, intake.work.scratch / "member", intake.tick)
        digest = _sha256(source)
        if digest in intake.seen:
            intake.known += 1
            return
        facts = facts_of(intake.table, item.picture)
        group = _group(intake.row, item, facts)
        if not group:
            raise DataError("no_group", name=item.name)
        new = _sample(intake, item, facts, group, source)
    except ArchiveRefused:
        raise
    except (DataError, PictureRefused) as refused:
        intake.refuse(item.name, refused.code, _named(refused, item))
        return
    # Only now: a second copy whose labels are right may follow one whose are not.
    intake.seen.add(digest)
    intake.found.append(new)


def _sample(intake: Intake, item: Item, facts: Facts, group: str, source: Path) -> NewSample:
    picture = _decoded(intake, source)
    height, width = picture.rgb.shape[:2]
    mask = _mask(intake, item, (height, width))
    clinic_id = intake.work.clinic_id
    return NewSample(
        name=clean_name(item.name),
        picture=store_file(
            clinic_id=clinic_id,
            source=source,
            media_type=formats.MEDIA_TYPES[picture.format],
            ext=formats.EXTENSIONS[picture.format],
        ),
        thumbnail=store_bytes(
            clinic_id=clinic_id, content=thumbnail(picture.rgb), media_type="image/jpeg", ext=".jpg"
        ),
        width=width,
        height=height,
        modality=_fit(facts.modality, MODALITY_CHARACTERS) or modality(picture.rgb),
        group=_fit(group, GROUP_CHARACTERS),
        category=_fit(facts.category or item.category, CATEGORY_CHARACTERS),
        mask=mask,
    )


def _decoded(intake: Intake, source: Path) -> Picture:
    try:
        return decoder.shared().decode(
            source, intake.work.scratch / "picture.npy", limits=Limits(), tick=intake.tick
        )
    except TimeoutError as error:  # one picture that never ends must not hold up a whole archive
        raise PictureRefused("damaged") from error


def _mask(intake: Intake, item: Item, shape: tuple[int, int]) -> Mask | None:
    """The picture's labels, read in the child that may die of them; None where it came without."""
    if not item.labels and not item.masks:
        return None
    scratch, extract = intake.work.scratch, intake.archive.extract
    files: list[Path] = []
    try:
        if item.labels:
            # The ending chooses the reader of a TIFF that only tifffile knows.
            files = [extract(item.labels, scratch / f"labels{_ending(item.labels)}", intake.tick)]
            labels = _read(intake, shape, source=files[0])
        else:
            for number, member in enumerate(item.masks):
                files.append(extract(member, scratch / f"mask-{number}", intake.tick))
            names = [member.rpartition("/")[2] for member in item.masks]
            labels = _read(intake, shape, masks=list(zip(names, files, strict=True)))
    finally:
        for file in files:
            file.unlink(missing_ok=True)
    return store_mask(intake.work, labels)


def _read(intake: Intake, shape: tuple[int, int], **what: Any) -> np.ndarray:
    target = intake.work.scratch / "labels.npy"
    try:
        return decoder.shared().labels(target, shape=shape, tick=intake.tick, **what)
    except TimeoutError as error:
        raise DataError("mask_unreadable", name="") from error


def _tables(work: Work, archive: Archive, listing: Listing) -> dict[str, Facts]:
    found: dict[str, Facts] = {}
    for name in listing.tables:
        path = archive.extract(name, work.scratch / "table", lambda: work.progress("reading"))
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise DataError("table_unreadable", name=clean_name(name))
        for picture, facts in read_table(path.read_bytes(), clean_name(name)).items():
            if found.setdefault(picture, facts).group != facts.group:
                raise DataError("table_conflict", name=clean_name(name), picture=picture)
    return found


def _group(row: DatasetImport, item: Item, facts: Facts) -> str:
    """What a table says goes before what the names say."""
    groups = row.settings.get("groups", {})
    stem = item.name.rpartition(".")[0]
    named: str = groups.get(item.picture) or groups.get(item.name) or groups.get(stem) or facts.group
    return named or group_of(item, str(row.settings.get("group_from", "auto")))


def _pictures_of(row: DatasetImport) -> set[str]:
    stored = StoredFile.objects.filter(pk__in=row.dataset.samples.values("picture"))
    return set(stored.values_list("sha256", flat=True))


def _named(refused: MedulaError, item: Item) -> dict[str, Any]:
    """Parameters for the report: the archive's own name in place of the scratch file's."""
    params = dict(refused.params)
    if item.labels and refused.code in ("labels_lossy", "labels_unreadable", "mask_size", "mask_unreadable"):
        params["name"] = item.labels.rpartition("/")[2]
    elif "name" in params and not params["name"]:
        params["name"] = item.name
    return params


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, (int, float)) else str(value) for key, value in params.items()}


def _ending(member: str) -> str:
    return ".tif" if member.lower().endswith((".tif", ".tiff")) else ".png"


def _fit(text: str, most: int) -> str:
    """At most so many characters; what is cut keeps a mark of the whole, or two groups would become one."""
    if len(text) <= most:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[: most - 9]}~{mark}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
