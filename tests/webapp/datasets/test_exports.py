from __future__ import annotations

import csv
import hashlib
import io
import zipfile

import pytest

from segmentation.errors import DataError
from segmentation.splits import PARTS
from tests.webapp.datasets.rows import make_dataset, make_samples
from tests.webapp.rows import end_job
from webapp.accounts.models import Clinic, User
from webapp.common.storage import absolute, store_bytes
from webapp.datasets.exports import export_chunks, export_name
from webapp.datasets.manifests import line_ids, manifest_bytes, statistics
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.datasets.recording import version_record
from webapp.datasets.services import samples_review, version_freeze

pytestmark = pytest.mark.django_db


def frozen(dataset: Dataset, user: User) -> DatasetVersion:
    """What the worker's `freeze` would have written; the parts go round."""
    samples_review(user=user, sample_ids=[s.pk for s in dataset.samples.all()], review="approved")
    version = version_freeze(dataset=dataset, user=user)
    samples = Sample.objects.filter(dataset=dataset).select_related("picture", "labels").order_by("name")
    lines = [(sample, PARTS[number % 3]) for number, sample in enumerate(samples)]
    manifest = store_bytes(
        clinic_id=version.clinic_id,  # type: ignore[arg-type]
        content=manifest_bytes(lines),
        media_type="text/csv",
        ext=".csv",
    )
    version_record(version_id=version.pk, lines=lines, manifest=manifest, statistics=statistics(lines))
    end_job(version.job)
    return DatasetVersion.objects.get(pk=version.pk)


def test_an_export_holds_every_byte_the_manifest_the_split_and_where_it_comes_from(
    clinic: Clinic, alice: User
) -> None:
    dataset = make_dataset(clinic, name="Médula / 1", source="Laboratorio", licence="CC BY 4.0")
    samples = make_samples(dataset, 4)
    version = frozen(dataset, alice)
    content = b"".join(export_chunks(version))
    assert content == b"".join(export_chunks(version))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert len(files) == 3 + 2 * len(samples)
    for sample in samples:
        assert files[f"images/{sample.name}"] == absolute(sample.picture.path).read_bytes()
    lines = list(csv.DictReader(io.StringIO(files["manifest.csv"].decode())))
    for line in lines:
        assert hashlib.sha256(files[f"images/{line['id']}.png"]).hexdigest() == line["picture_sha256"]
        assert hashlib.sha256(files[f"labels/{line['id']}.png"]).hexdigest() == line["labels_sha256"]
    split = list(csv.DictReader(io.StringIO(files["split.csv"].decode())))
    assert [row["part"] for row in split] == [line["part"] for line in lines]
    readme = files["README.md"].decode()
    assert "Laboratorio: CC BY 4.0" in readme
    assert version.digest in readme
    assert export_name(version) == "Médula---1-v1.zip"


def test_a_version_that_is_not_frozen_is_not_exported(clinic: Clinic, alice: User) -> None:
    dataset = make_dataset(clinic)
    ids = [sample.pk for sample in make_samples(dataset, 3)]
    samples_review(user=alice, sample_ids=ids, review="approved")
    with pytest.raises(DataError) as caught:
        export_chunks(version_freeze(dataset=dataset, user=alice))
    assert caught.value.code == "version_unfrozen"


def test_files_of_one_name_get_names_of_their_own() -> None:
    names = ["a.png", "a.jpg", "A.png", "a-2.png", ".png"]
    assert line_ids(names) == ["a", "a-2", "A-3", "a-2-2", ".png"]


def test_nothing_that_people_wrote_runs_in_a_spreadsheet(clinic: Clinic, alice: User) -> None:
    formula = '=HYPERLINK("http://x","x")'
    dataset = make_dataset(clinic, source="@SUM(1)", licence="+1")
    for sample in make_samples(dataset, 3):
        Sample.objects.filter(pk=sample.pk).update(
            name=f"{formula}{sample.name}", group=f"-{sample.group}", category=formula
        )
    version = frozen(dataset, alice)
    with zipfile.ZipFile(io.BytesIO(b"".join(export_chunks(version)))) as archive:
        names = archive.namelist()
        tables = [archive.read(name).decode() for name in ("manifest.csv", "split.csv")]
    for table in tables:
        cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert {f"images/{row['id']}.png" for row in csv.DictReader(io.StringIO(tables[0]))} < set(names)
