"""Measures, once a machine and bundle, which path through the network is faster here."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

from segmentation.bundle import SHIPPED
from webapp.registry.models import ModelVersion
from webapp.registry.paths import must_measure, pace_record
from webapp.registry.selectors import model_path
from worker.device import processor_name

log = logging.getLogger(__name__)

LONGEST_S = 120
_given_up: set[tuple[str, str]] = set()  # not tried again by this process: each try costs seconds


def settle_path(version: ModelVersion) -> None:
    """Measure the version's paths where that is still to be done; without figures the reference serves.

    In a process of its own: whoever prepares pictures needs no network, and trouble there is not ours.
    """
    machine = processor_name()
    if (version.digest, machine) in _given_up or not must_measure(version, machine):
        return
    command = [sys.executable, "-m", "segmentation", "pace", str(model_path(version))]
    root = SHIPPED.parent.parent
    try:
        done = subprocess.run(
            command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_S
        )
        pace_record(version=version, machine=machine, figures=json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as problem:
        _given_up.add((version.digest, machine))
        log.warning("%s was not measured on this machine: %r", version, problem)
