"""What `start` keeps running: a worker of trainings always, the GPU's where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.portal import programs


def queues(program: programs.Program) -> str:
    command = list(program.command)
    return command[command.index("--queues") + 1]


def test_without_a_gpu_a_worker_of_its_own_takes_the_trainings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "DEVICES", tmp_path)
    (tmp_path / "nvidiactl").touch()  # the driver without a card
    names = [program.name for program in programs.programs("127.0.0.1", 8000)]
    assert names == ["web", "worker-ledger", "worker-pictures", "worker-training", "beat"]
    assert queues(programs.training()) == "training"
    assert programs.training().environment[programs.STEPS_BACK] == "1"
    assert programs.STEPS_BACK not in programs.worker("pictures").environment


def test_with_a_gpu_its_worker_takes_both_lanes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "DEVICES", tmp_path)
    (tmp_path / "nvidia0").touch()
    assert programs.training().name == "worker-gpu"
    assert queues(programs.training()) == "gpu,training"
