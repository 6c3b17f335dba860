"""The note that tells a child at work that its worker stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.stopping import FOLDER, leave_note, stop_asked


def test_a_child_without_a_worker_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    assert not stop_asked()


def test_a_note_is_found_also_where_the_folder_was_tidied_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "notes"))
    assert not stop_asked()
    leave_note()
    assert stop_asked()
