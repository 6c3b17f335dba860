"""Samples as an import would have written them, without a worker."""

from __future__ import annotations

from typing import Any

from tests.webapp.rows import png
from webapp.accounts.models import Clinic, User
from webapp.common.storage import Stored, store_bytes
from webapp.datasets.models import Dataset, Sample
from webapp.datasets.recording import Mask, NewSample, Outcome, import_record
from webapp.datasets.services import dataset_create, import_request

EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


def make_dataset(
    clinic: Clinic, *, user: User | None = None, name: str = "Frotis", **written: str
) -> Dataset:
    return dataset_create(clinic=clinic, user=user, name=name, **written)


def stored(clinic_id: int, content: bytes, media_type: str = "image/png", ext: str = ".png") -> Stored:
    return store_bytes(clinic_id=clinic_id, content=content, media_type=media_type, ext=ext)


def make_mask(clinic_id: int, grey: int = 1) -> Mask:
    return Mask(
        labels=stored(clinic_id, png(4, 4, grey)),
        outlines=stored(clinic_id, b'{"outlines":[[0,0,1,0,1,1]]}', "application/json", ".json"),
        nuclei_count=1,
    )


def make_samples(
    dataset: Dataset, count: int, *, masks: bool = True, start: int = 0, **settings: Any
) -> list[Sample]:
    """`count` samples named 0.png, 1.png …, each of a group of its own."""
    row = import_request(dataset=dataset, user=None, name="a.zip", chunks=[EMPTY_ZIP], settings=settings)
    clinic_id: int = dataset.clinic_id  # type: ignore[assignment]
    new = [
        NewSample(
            name=f"{number}.png",
            picture=stored(clinic_id, png(4, 4, 100 + number)),
            thumbnail=stored(clinic_id, b"\xff\xd8\xff", "image/jpeg", ".jpg"),
            width=4,
            height=4,
            modality="fluorescence-dark",
            group=f"g{number}",
            mask=make_mask(clinic_id) if masks else None,
        )
        for number in range(start, start + count)
    ]
    import_record(import_id=row.pk, found=new, outcome=Outcome("pairs"))
    return list(Sample.objects.filter(dataset_import=row).order_by("name"))
