"""What the browser is sent: vendored files are the published ones, and every name in a page exists."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from pytest_django.fixtures import Settings

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "webapp" / "static"
VENDOR = STATIC / "vendor"
LISTED = json.loads((VENDOR / "vendor.json").read_text())


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["name"])
def test_vendored_files_are_the_ones_that_were_published(entry: dict[str, object]) -> None:
    folder = VENDOR / f"{entry['name']}-{entry['version']}"
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert found == entry["files"]
    assert entry["licence"]
    assert any(name.startswith("LICENSE") for name in found)


def test_nothing_is_vendored_without_being_listed() -> None:
    listed = {f"{entry['name']}-{entry['version']}" for entry in LISTED}
    assert {path.name for path in VENDOR.iterdir() if path.is_dir()} == listed


def test_collected_files_carry_their_digest_and_modules_find_one_another(settings: Settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "webapp.common.static_storage.StaticStorage"},
    }
    call_command("collectstatic", "--noinput", verbosity=0)
    root = Path(settings.STATIC_ROOT)
    result = (root / staticfiles_storage.stored_name("js/result.js")).read_text()
    imported = re.findall(r'from "\./([^"]+)"', result)
    assert imported and all((root / "js" / name).is_file() for name in imported)
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported)
    viewer = "vendor/openseadragon-6.1.1/openseadragon.min.js"
    assert (root / staticfiles_storage.stored_name(viewer)).read_bytes() == (STATIC / viewer).read_bytes()


def own_files() -> list[Path]:
    scripts = [*STATIC.glob("js/*.js"), *STATIC.glob("css/*.css"), *STATIC.glob("*.svg")]
    return [*scripts, *(ROOT / "templates").rglob("*.html")]


@pytest.mark.parametrize("path", own_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_calls_another_host_or_holds_a_script_of_its_own(path: Path) -> None:
    content = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(
        r"(https?:)?//[a-z0-9-]+\.[a-z]", re.sub(r"^\s*(//|/\*).*$", "", content, flags=re.M)
    )
    assert not re.search(r"<script(?![^>]*\bsrc=)", content)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", content)


def test_every_static_name_in_a_template_is_a_file() -> None:
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"{% static '([^']+)' %}", path.read_text())
    }
    assert "css/base.css" in named
    assert [name for name in named if not (STATIC / name).is_file()] == []
