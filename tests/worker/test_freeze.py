"""freeze: approved samples become a version: manifest, digest, parts by group, for good."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator

import pytest

from segmentation.errors import DataError
from tests import drawn
from tests.worker.curation import approve_all, curator, freeze, hand_in, new_dataset
from webapp.common.storage import absolute
from webapp.datasets import learning, testing
from webapp.datasets.models import Dataset, DatasetVersion, Sample
from webapp.datasets.services import (
    dataset_archive,
    import_request,
    sample_change,
    samples_review,
    version_freeze,
)
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_cancel, job_retry
from worker import decoder
from worker.runner import run_next

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture(autouse=True, scope="module")
def closed_decoder() -> Iterator[None]:
    yield
    decoder.shared().close()


def filled(seeds: range, **settings: object) -> Dataset:
    dataset = new_dataset(source="BBBC038", licence="CC0")
    hand_in(dataset, drawn.kaggle(seeds), **settings)
    approve_all(dataset)
    return dataset


def parts(version: DatasetVersion) -> dict[str, str]:
    return dict(version.samples.values_list("name", "part"))


def test_a_version_holds_what_was_approved_with_its_parts_and_figures() -> None:
    dataset = filled(range(1, 7))
    rejected = dataset.samples.get(name="p6.png")
    samples_review(user=curator(), sample_ids=[rejected.pk], review="rejected")
    version, job = freeze(dataset)
    assert (job.state, version.number, version.is_frozen) == (State.SUCCEEDED, 1, True)
    assert set(parts(version)) == {f"p{n}.png" for n in range(1, 6)}
    assert set(parts(version).values()) == {"train", "validation", "test"}
    figures = version.statistics
    assert figures["pictures"] == figures["groups"] == 5
    assert figures["nuclei"] == sum(drawn.nuclei(n) for n in range(1, 6))
    assert sum(part["pictures"] for part in figures["parts"].values()) == 5
    assert figures["origins"]["imported"]["pictures"] == 5
    assert figures["modalities_by_part"]["fluorescence-dark"]["test"] == 1


def test_the_manifest_is_sorted_names_every_byte_and_is_what_the_digest_digests() -> None:
    version, _ = freeze(filled(range(1, 5)))
    assert version.manifest is not None
    content = absolute(version.manifest.path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == version.digest
    lines = list(csv.DictReader(io.StringIO(content.decode())))
    assert [line["name"] for line in lines] == sorted(line["name"] for line in lines)
    first = lines[0]
    assert first["picture_sha256"] == hashlib.sha256(drawn.picture(1)).hexdigest()
    assert (first["id"], first["group"], first["licence"], first["mask"]) == ("p1", "p1", "CC0", "imported")
    assert {line["name"]: line["part"] for line in lines} == parts(version)


def test_learning_and_testing_see_each_their_own_and_together_all() -> None:
    version, _ = freeze(filled(range(1, 6)))
    learns, tests = learning.learning_rows(version), testing.test_rows(version)
    assert {row.part for row in learns} == {"train", "validation"}
    assert {row.part for row in tests} == {"test"}
    assert len(learns) + len(tests) == 5
    assert not {row.picture_id for row in learns} & {row.picture_id for row in tests}


def test_what_was_divided_stays_where_it_was_while_the_set_grows() -> None:
    dataset = filled(range(1, 5))
    first, _ = freeze(dataset)
    hand_in(dataset, drawn.kaggle(range(5, 9)))
    approve_all(dataset)
    second, _ = freeze(dataset)
    assert second.number == 2
    assert parts(first).items() < parts(second).items()


def test_new_pictures_of_a_known_group_go_where_the_group_is() -> None:
    dataset = new_dataset()
    names = [f"P{n}_a" for n in (1, 2, 3)]
    files = {f"images/{n}.png": drawn.picture(i) for i, n in enumerate(names)}
    files |= {f"labels/{n}.png": drawn.label_picture(i) for i, n in enumerate(names)}
    hand_in(dataset, files, group_from="prefix")
    approve_all(dataset)
    first, _ = freeze(dataset)
    more = {f"images/P{n}_b.png": drawn.picture(n + 10) for n in (1, 2, 3)}
    more |= {f"labels/P{n}_b.png": drawn.label_picture(n + 10) for n in (1, 2, 3)}
    hand_in(dataset, more, group_from="prefix")
    approve_all(dataset)
    second, _ = freeze(dataset)
    for n in (1, 2, 3):
        assert parts(second)[f"P{n}_b.png"] == parts(first)[f"P{n}_a.png"]


def test_a_test_picture_moved_into_a_training_group_is_refused_by_name() -> None:
    dataset = filled(range(1, 6))
    version, _ = freeze(dataset)
    tested = testing.test_rows(version)[0]
    learnt = next(row for row in learning.learning_rows(version) if row.part == "train")
    sample_change(sample=Sample.objects.get(pk=tested.sample_id), group=learnt.group)
    again, job = freeze(dataset)
    assert (job.state, job.error_code) == (State.FAILED, "group_moved")
    assert not again.is_frozen
    assert not again.samples.exists()


def test_freezing_the_same_again_says_which_version_it_is() -> None:
    dataset = filled(range(1, 5))
    freeze(dataset)
    again, job = freeze(dataset)
    assert (job.error_code, job.error_params) == ("version_same", {"number": 1})
    assert not again.is_frozen
    hand_in(dataset, drawn.kaggle(range(5, 6)))
    approve_all(dataset)
    third, job = freeze(dataset)
    assert (job.state, third.number) == (State.SUCCEEDED, 2)


def test_the_same_samples_with_the_same_seed_are_divided_alike_in_another_set() -> None:
    digests = set()
    for name in ("one", "two"):
        dataset = new_dataset(name)
        hand_in(dataset, drawn.kaggle(range(1, 6)))
        approve_all(dataset)
        digests.add(freeze(dataset, seed=3)[0].digest)
    assert len(digests) == 1


def test_a_picture_tested_on_in_one_set_is_not_taught_in_another() -> None:
    first = freeze(filled(range(1, 9)))[0]
    again = new_dataset("Otro")
    hand_in(again, drawn.kaggle(range(4, 15)))
    approve_all(again)
    second = freeze(again, seed=9)[0]
    shared = parts(first).keys() & parts(second).keys()
    assert len(shared) == 5
    assert {name: parts(first)[name] for name in shared} == {name: parts(second)[name] for name in shared}


def test_nothing_approved_and_too_few_groups_are_told_at_once() -> None:
    dataset = new_dataset()
    with pytest.raises(DataError) as caught:
        version_freeze(dataset=dataset, user=curator())
    assert caught.value.code == "nothing_approved"
    hand_in(dataset, drawn.kaggle(range(1, 2)))
    approve_all(dataset)
    with pytest.raises(DataError) as caught:
        version_freeze(dataset=dataset, user=curator())
    assert (caught.value.code, caught.value.params["groups"]) == ("too_few_groups", 1)
    assert "1" in caught.value.sentence("es")
    assert not DatasetVersion.objects.exists()


def test_what_is_put_back_before_the_job_begins_is_not_frozen() -> None:
    dataset = filled(range(1, 4))
    version = version_freeze(dataset=dataset, user=curator())
    assert version_freeze(dataset=dataset, user=curator()) == version
    ids = list(dataset.samples.values_list("pk", flat=True))
    samples_review(user=curator(), sample_ids=ids[:1], review="waiting")
    from_now, job = freeze_pending(version)
    assert (job, from_now.is_frozen) == ("too_few_groups", False)


def freeze_pending(version: DatasetVersion) -> tuple[DatasetVersion, str]:
    assert run_next("pictures")
    version.refresh_from_db()
    version.job.refresh_from_db()
    return version, version.job.error_code


def test_a_file_that_the_disk_has_lost_or_changed_is_not_frozen() -> None:
    dataset = filled(range(1, 4))
    sample = dataset.samples.get(name="p2.png")
    assert sample.labels is not None
    absolute(sample.labels.path).write_bytes(b"rot")
    _, job = freeze(dataset)
    assert (job.error_code, job.error_params) == ("file_damaged", {"name": "p2.png"})


def test_an_archived_set_freezes_no_more() -> None:
    dataset = dataset_archive(dataset=filled(range(1, 4)))
    with pytest.raises(DataError) as caught:
        version_freeze(dataset=dataset, user=curator())
    assert caught.value.code == "dataset_archived"


def test_a_set_archived_while_work_waits_takes_and_freezes_nothing_more() -> None:
    dataset = filled(range(1, 4))
    version = version_freeze(dataset=dataset, user=curator())
    archive = drawn.zipped(drawn.kaggle(range(4, 6)))
    row = import_request(dataset=dataset, user=curator(), name="lote.zip", chunks=[archive])
    dataset_archive(dataset=dataset)
    assert run_next("pictures") and run_next("pictures")
    for job_id in (version.job_id, row.job_id):
        job = Job.objects.get(pk=job_id)
        assert (job.state, job.error_code) == (State.FAILED, "dataset_archived")
    assert dataset.samples.count() == 3
    assert not DatasetVersion.objects.get(pk=version.pk).is_frozen


def test_a_version_that_was_cleared_away_says_so_when_its_job_is_tried_again() -> None:
    dataset = filled(range(1, 4))
    first = version_freeze(dataset=dataset, user=curator())
    assert job_cancel(job=first.job)
    second, _ = freeze(dataset)
    assert second.is_frozen and not DatasetVersion.objects.filter(pk=first.pk).exists()
    assert job_retry(job=first.job) and run_next("pictures")
    first.job.refresh_from_db()
    assert (first.job.state, first.job.error_code) == (State.FAILED, "work_gone")
