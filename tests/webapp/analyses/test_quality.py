"""Doubts about a picture travel with its result: the page, the tables, the API."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.rows import analyse, make_case, make_image, make_version, png, prepare
from webapp.accounts.models import Clinic, User
from webapp.analyses.batches import batch_add_picture, batch_create
from webapp.analyses.models import Analysis
from webapp.analyses.quality import codes_of, doubts_of
from webapp.analyses.tables import pictures_found, table_csv, table_rows

BLUR = {"code": "quality_blur", "params": {"percent": 21}}


@pytest.fixture
def analysis(clinic: Clinic) -> Analysis:
    return analyse(prepare(make_image(make_case(clinic))), make_version())


def doubtful(analysis: Analysis, *flags: Any) -> Analysis:
    analysis.summary = {**analysis.summary, "quality": {"flags": list(flags), "figures": {}}}
    analysis.save()
    return analysis


def page(client: Client, analysis: Analysis, language: str) -> str:
    answer = client.get(reverse("analysis", args=[analysis.pk]), headers={"accept-language": language})
    return answer.content.decode()


def test_the_page_says_the_doubt_in_the_readers_language(alice_client: Client, analysis: Analysis) -> None:
    assert "doubts" not in page(alice_client, analysis, "en")
    doubtful(analysis, BLUR)
    assert "edges spread over 21% of a nucleus" in page(alice_client, analysis, "en")
    assert "los bordes se extienden sobre el 21 %" in page(alice_client, analysis, "es")


def test_the_table_of_nuclei_and_the_case_carry_it(alice_client: Client, analysis: Analysis) -> None:
    doubtful(analysis, BLUR, {"code": "quality_stain", "params": {}})
    answer = alice_client.get(reverse("nuclei_csv", args=[analysis.pk]))
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(content)))
    assert {row["quality"] for row in rows} == {"quality_blur quality_stain"}
    case = analysis.image.biopsy.case
    listed = alice_client.get(reverse("case_pictures", args=[case.pk]), headers={"accept-language": "en"})
    assert "Look at it with care" in listed.content.decode()


def test_the_table_of_a_batch_says_it(alice: User, clinic: Clinic) -> None:
    case = make_case(clinic)
    version = make_version()
    first = make_image(case)
    batch = batch_create(biopsy=first.biopsy, user=alice, name="lote")
    batch_add_picture(batch=batch, name="campo 1.png", chunks=[png()], user=alice)
    doubtful(analyse(prepare(first), version), BLUR)
    (row,) = table_rows(pictures_found(batch), "es")
    assert row["quality"].startswith("La imagen está desenfocada")
    assert "desenfocada" in "".join(table_csv(batch, "es"))


def test_older_results_and_unknown_codes_raise_no_error(analysis: Analysis) -> None:
    assert doubts_of(analysis, "es") == [] and codes_of(analysis) == ""
    doubtful(analysis, {"code": "no_such"}, {}, {"code": "data_missing", "params": {"path": "x"}})
    assert doubts_of(analysis, "es") == []
