"""Frozen versions."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.webapp.curation import (
    make_samples,
    make_version,
)
from tests.webapp.portal.datasets.reading import said, text
from webapp.accounts.models import User
from webapp.datasets.models import Dataset, DatasetVersion


def review(page: Client, dataset: Dataset, ids: list[Any], state: str, **changes: str) -> Any:
    address = reverse("dataset_review", args=[dataset.pk])
    return page.post(
        address, {"ids": ids, "review": state, **changes}, headers={"accept": "application/json"}
    )


def test_freezing_asks_for_a_version_or_says_what_is_missing(
    page: Client, dataset: Dataset, curator: User
) -> None:
    address = reverse("dataset_freeze", args=[dataset.pk])
    assert "there is nothing to freeze" in said(page.post(address))
    samples = make_samples(dataset, curator, ["a.png", "b.png", "c.png"])
    review(page, dataset, [sample.pk for sample in samples], "approved")
    page.post(address)
    version = DatasetVersion.objects.get()
    assert version.job.kind == "freeze"
    for name in ("version_manifest", "version_export"):
        assert page.get(reverse(name, args=[version.pk])).status_code == 404
    assert "In the queue, number" in text(page.get(reverse("version", args=[version.pk])))


def test_a_version_shows_its_parts_and_gives_its_files(page: Client, dataset: Dataset, curator: User) -> None:
    make_samples(dataset, curator, ["a.png", "b.png", "c.png"], category="hem")
    make_samples(dataset, curator, ["d.png"], category="all")
    version = make_version(dataset, curator)
    shown = text(page.get(reverse("version", args=[version.pk])))
    assert version.digest in shown
    assert '<span class="number">4</span> pictures' in shown
    row = shown.split('<th scope="row">Fluorescence</th>')[1].split("</tr>")[0]
    assert [cell.split("<")[0] for cell in row.split('<td class="n">')[1:]] == [
        *("2", "4", "2"), *("1", "2", "1"), *("1", "2", "1"), *("4", "8"),
    ]  # fmt: skip
    assert '<th scope="row">hem</th>' in shown and '<th scope="row">all</th>' in shown
    manifest = page.get(reverse("version_manifest", args=[version.pk]))
    assert b"".join(manifest.streaming_content) == b"name,part\n"
    export = page.get(reverse("version_export", args=[version.pk]))
    content = b"".join(export.streaming_content)
    assert export["Content-Type"] == "application/zip" and ".zip" in export["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
