"""The files of a sample, and the wall before them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.curation import client_of, make_dataset, make_person, make_samples
from webapp.datasets.models import Sample


@pytest.fixture
def sample(clinic: Any) -> Sample:
    curator = make_person(clinic)
    return make_samples(make_dataset(curator), curator, ["campo 1.png"])[0]


def addresses(sample: Sample) -> dict[str, str]:
    assert sample.thumbnail and sample.outlines
    named = {
        "sample_thumbnail": sample.thumbnail,
        "sample_outlines": sample.outlines,
        "sample_picture": sample.picture,
    }
    found = {name: reverse(name, args=[sample.pk, file.sha256]) for name, file in named.items()}
    return found | {name: reverse(name, args=[sample.pk]) for name in ("sample_original", "sample_labels")}


def read(client: Client, address: str) -> Any:
    answer = client.get(address)
    answer.body = b"".join(getattr(answer, "streaming_content", ()))
    return answer


def test_people_of_the_clinic_get_every_file(sample: Sample, alice_client: Client) -> None:
    got = {name: read(alice_client, address) for name, address in addresses(sample).items()}
    assert {answer.status_code for answer in got.values()} == {200}
    assert got["sample_thumbnail"].body == b"thumbnail campo 1.png"
    assert got["sample_thumbnail"]["Content-Type"] == "image/jpeg"
    assert b"outlines" in got["sample_outlines"].body
    assert "immutable" in got["sample_picture"]["Cache-Control"]
    assert "campo 1.png" in got["sample_original"]["Content-Disposition"]
    assert 'filename="campo 1_labels.png"' in got["sample_labels"]["Content-Disposition"]


def test_another_clinic_finds_none_of_them(sample: Sample, bob_client: Client) -> None:
    for name, address in addresses(sample).items():
        assert bob_client.get(address).status_code == 404, name


def test_a_visitor_is_asked_who_they_are(sample: Sample, client: Client) -> None:
    for name, address in addresses(sample).items():
        assert client.get(address)["Location"].startswith("/accounts/login/"), name


def test_an_address_with_other_bytes_than_the_files_is_not_found(
    sample: Sample, alice_client: Client
) -> None:
    for name in ("sample_thumbnail", "sample_outlines", "sample_picture"):
        assert alice_client.get(reverse(name, args=[sample.pk, "0" * 64])).status_code == 404


def test_what_a_browser_cannot_draw_is_only_downloaded(clinic: Any) -> None:
    curator = make_person(clinic)
    tiff = make_samples(make_dataset(curator), curator, ["a.tif"], media_type="image/tiff")[0]
    client = client_of(curator)
    assert client.get(addresses(tiff)["sample_picture"]).status_code == 404
    assert read(client, addresses(tiff)["sample_original"]).status_code == 200


def test_a_sample_without_mask_has_no_labels(clinic: Any) -> None:
    curator = make_person(clinic)
    bare = make_samples(make_dataset(curator), curator, ["a.png"], masked=False)[0]
    assert client_of(curator).get(reverse("sample_labels", args=[bare.pk])).status_code == 404
