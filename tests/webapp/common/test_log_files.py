"""A log never grows without end, and the program that writes it does not notice."""

from __future__ import annotations

from pathlib import Path

from webapp.common.log_files import rotate


def test_a_log_too_large_is_moved_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("a", buffering=1) as writer:
        for number in range(5):
            writer.write(f"line {number} {'x' * 100}\n")
            assert rotate(log, max_bytes=50, kept=3)
        writer.write("the last\n")
    assert log.read_text() == "the last\n"
    assert [(tmp_path / f"web.log.{n}").read_text()[:6] for n in (1, 2, 3)] == ["line 4", "line 3", "line 2"]
    assert not (tmp_path / "web.log.4").exists()


def test_a_small_log_and_a_missing_one_are_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    assert not rotate(log)
    log.write_text("short\n")
    assert not rotate(log, max_bytes=6)
    assert log.read_text() == "short\n"
