"""Asking for a matching: once for one library and one set of settings, and only where there is something."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.errors import DataError
from tests.webapp.rows import analyse, end_job, make_case, make_image, make_sample, make_version, png, prepare
from webapp.analyses.matching import library_digest, library_of, matching_request, matchings_of
from webapp.analyses.models import Analysis, Matching
from webapp.analyses.services import analysis_request
from webapp.datasets.models import Sample
from webapp.jobs.models import Job, State


@pytest.fixture
def analysis(clinic: Any) -> Analysis:
    return analyse(prepare(make_image(make_case(clinic))), make_version())


def test_asked_twice_it_is_one_row_and_one_job(analysis: Analysis, alice: Any) -> None:
    make_sample(analysis.clinic)
    first = matching_request(analysis=analysis, user=alice)
    assert matching_request(analysis=analysis, user=alice) == first
    assert Job.objects.filter(kind="match").count() == 1
    assert matching_request(analysis=analysis, user=alice, channels=1) != first


def test_a_library_that_changed_is_asked_anew(analysis: Analysis, alice: Any) -> None:
    sample = make_sample(analysis.clinic)
    first = matching_request(analysis=analysis, user=alice)
    digest = library_digest(analysis.clinic)
    Sample.objects.filter(pk=sample.pk).update(category="linfocito")
    assert library_digest(analysis.clinic) != digest
    assert matching_request(analysis=analysis, user=alice) != first


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_one_that_failed_is_tried_again(analysis: Analysis, alice: Any, state: str) -> None:
    make_sample(analysis.clinic)
    first = matching_request(analysis=analysis, user=alice)
    end_job(first.job, state)
    assert matching_request(analysis=analysis, user=alice) == first
    first.job.refresh_from_db()
    assert first.job.state == State.QUEUED


def test_only_what_this_clinic_approved_is_in_the_library(clinic: Any, other_clinic: Any) -> None:
    mine = make_sample(clinic)
    make_sample(clinic, name="b.png", picture=png(7, 7), review=Sample.Review.WAITING)
    make_sample(clinic, name="c.png", picture=png(8, 8), review=Sample.Review.REJECTED)
    make_sample(other_clinic)
    assert list(library_of(clinic)) == [mine]


def test_an_empty_library_and_one_of_the_picture_itself_are_said(analysis: Analysis, alice: Any) -> None:
    with pytest.raises(DataError) as refused:
        matching_request(analysis=analysis, user=alice)
    assert refused.value.code == "matching_library_empty"
    make_sample(analysis.clinic, picture=png())  # the very picture that was analysed
    with pytest.raises(DataError):
        matching_request(analysis=analysis, user=alice)
    assert not Matching.objects.exists() and not Job.objects.filter(kind="match").exists()


def test_an_analysis_that_waits_has_nothing_to_match(clinic: Any, alice: Any) -> None:
    make_sample(clinic)
    waiting = analysis_request(image=prepare(make_image(make_case(clinic))), model_version=make_version())
    with pytest.raises(DataError) as refused:
        matching_request(analysis=waiting, user=alice)
    assert refused.value.code == "matching_not_analysed"


@pytest.mark.parametrize("wrong", [{"channels": 2}, {"k": 0}, {"k": 1000}])
def test_other_settings_are_refused(analysis: Analysis, alice: Any, wrong: dict[str, int]) -> None:
    make_sample(analysis.clinic)
    with pytest.raises(DataError):
        matching_request(analysis=analysis, user=alice, **wrong)


def test_another_clinics_matching_is_not_found(analysis: Analysis, alice: Any, bob: Any) -> None:
    make_sample(analysis.clinic)
    matching = matching_request(analysis=analysis, user=alice)
    assert list(matchings_of(alice)) == [matching] and not matchings_of(bob).exists()
