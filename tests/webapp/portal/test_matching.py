"""The pages of a matching: asked for, followed, read; and what an empty library says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.rows import analyse, end_job, make_case, make_image, make_sample, make_version, prepare
from webapp.analyses.matching import matching_record
from webapp.analyses.models import Analysis, Matching
from webapp.common.storage import store_bytes
from webapp.jobs.models import State


@pytest.fixture
def analysis(alice: Any) -> Analysis:
    return analyse(prepare(make_image(make_case(alice.clinic))), make_version())


def ask(client: Client, analysis: Analysis, **data: str) -> Any:
    return client.post(reverse("matching_new", args=[analysis.pk]), data, follow=True)


def test_an_empty_library_says_what_to_do(analysis: Analysis, alice_client: Client) -> None:
    page = ask(alice_client, analysis)
    assert "approve them" in page.content.decode() and not Matching.objects.exists()
    assert page.request["PATH_INFO"] == reverse("analysis", args=[analysis.pk])


def test_it_is_asked_for_on_the_page_of_the_analysis(analysis: Analysis, alice_client: Client) -> None:
    make_sample(analysis.clinic)
    shown = alice_client.get(reverse("analysis", args=[analysis.pk])).content.decode()
    assert reverse("matching_new", args=[analysis.pk]) in shown
    page = ask(alice_client, analysis, channels="1")
    matching = Matching.objects.get()
    assert matching.parameters["channels"] == 1
    assert page.request["PATH_INFO"] == reverse("matching", args=[matching.pk])
    assert "every 2s" in page.content.decode()


def test_it_can_be_cancelled_and_tried_again(analysis: Analysis, alice_client: Client) -> None:
    make_sample(analysis.clinic)
    ask(alice_client, analysis)
    matching = Matching.objects.get()
    for act, state, word in (("cancel", State.CANCELLED, "Try again"), ("retry", State.QUEUED, "Waiting")):
        page = alice_client.post(reverse("matching_act", args=[matching.pk, act]), follow=True)
        matching.job.refresh_from_db()
        assert matching.job.state == state and word in page.content.decode()


def test_a_failed_one_says_why(analysis: Analysis, alice_client: Client) -> None:
    make_sample(analysis.clinic)
    ask(alice_client, analysis)
    matching = Matching.objects.get()
    end_job(matching.job, State.FAILED, error_code="matching_library_unreadable", error_params={"count": 1})
    page = alice_client.get(reverse("matching", args=[matching.pk])).content.decode()
    assert "could be read" in page and "every 2s" not in page


def test_the_result_names_its_file_and_says_it_is_no_diagnosis(
    analysis: Analysis, alice_client: Client
) -> None:
    make_sample(analysis.clinic)
    ask(alice_client, analysis)
    matching = Matching.objects.get()
    stored = store_bytes(
        clinic_id=analysis.clinic_id, content=b"{}", media_type="application/json", ext=".json"
    )
    summary = {"regions": 2, "library_pictures": 1, "library_nuclei": 7, "median_score": 0.8123}
    matching_record(matching_id=matching.pk, result=stored, summary=summary)
    end_job(matching.job)
    page = alice_client.get(reverse("matching", args=[matching.pk])).content.decode()
    facts = json.loads(page.partition('id="viewer-facts" type="application/json">')[2].partition("<")[0])
    file = alice_client.get(facts["result"])
    assert b"".join(file.streaming_content) == b"{}"
    assert "not a diagnosis" in page and "0.81" in page and "7 stored nuclei" in page
    status = alice_client.get(reverse("matching_status", args=[matching.pk]))
    assert status["HX-Refresh"] == "true"
