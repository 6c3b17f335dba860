"""Opens untrusted pictures in one long-lived child with little memory; restarts it when it dies.

A plain subprocess, not a fork: a child of Celery's pool may have none of multiprocessing's own, and the
decoder must not inherit TensorFlow's threads, whenever it is restarted.
"""

from __future__ import annotations

import atexit
import json
import logging
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.errors import DataError, PictureRefused
from segmentation.images import Limits, Picture

log = logging.getLogger("medula.worker")

MEMORY_BYTES = 5 * 1024**3
"""Address space. Measured: 0.1 GiB for the libraries, 19 bytes a pixel for 16-bit RGB of 200 megapixels."""
TIMEOUT_S = 300.0
POLL_S = 0.25
_FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}


class Decoder:
    """The parent's end. Not thread-safe: one picture at a time."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, timeout_s: float = TIMEOUT_S) -> None:
        self._memory_bytes = memory_bytes
        self._timeout_s = timeout_s
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Start the child if it does not run. It takes a second; the first picture waits for it."""
        if self._child is not None and self._child.poll() is None:
            return
        self.close()
        ends_s = math.ceil(self._timeout_s) + 10
        self._child = subprocess.Popen(
            [sys.executable, "-m", "worker.decoder_child", str(self._memory_bytes), str(ends_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parent.parent,
            env={**os.environ, **_FEW_THREADS},
        )

    def close(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def decode(
        self,
        source: Path,
        target: Path,
        *,
        limits: Limits | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> Picture:
        """Decode `source`; the pixels, mapped from the .npy file `target`, are the caller's to write on.

        `tick` is called several times a second and may raise to give up. Raises PictureRefused; OSError
        (also TimeoutError) and MemoryError where the fault may be the machine's and may have passed later.
        """
        request = {"source": str(source), "target": str(target), "limits": asdict(limits or Limits())}
        answer = self._answer(request, tick)
        if "refused" in answer:
            raise PictureRefused(answer["refused"], **answer["params"])
        return Picture(
            rgb=np.asarray(np.load(target, mmap_mode="c")),
            bit_depth=answer["bit_depth"],
            format=answer["format"],
            um_per_px=answer["um_per_px"],
            notes=tuple(answer["notes"]),
        )

    def labels(
        self,
        target: Path,
        *,
        shape: tuple[int, int],
        source: Path | None = None,
        masks: Sequence[tuple[str, Path]] = (),
        tick: Callable[[], None] = lambda: None,
    ) -> np.ndarray:
        """Read a label picture, or binary masks (name, file) of a nucleus each, of a picture of `shape`.

        Returns labels HxW int32, 1..n. Raises DataError for what cannot be used; else as `decode`.
        """
        request: dict[str, Any] = {"kind": "labels", "target": str(target), "shape": list(shape)}
        if source is None:
            request["masks"] = [(name, str(path)) for name, path in masks]
        else:
            request["source"] = str(source)
        answer = self._answer(request, tick)
        if "refused" in answer:
            raise DataError(answer["refused"], **answer["params"])
        return np.asarray(np.load(target, mmap_mode="c"))

    def _answer(self, request: dict[str, Any], tick: Callable[[], None]) -> dict[str, Any]:
        try:
            answer = self._ask(request, tick)
        except BaseException:
            # Whatever the child is doing, it is not the next picture's answer.
            self.close()
            raise
        if "fault" in answer:
            raise OSError(answer["errno"], answer["fault"])
        return answer

    def _ask(self, request: dict[str, Any], tick: Callable[[], None]) -> dict[str, Any]:
        self.start()
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError as fault:
            raise OSError("the decoder did not start") from fault
        ends = time.monotonic() + self._timeout_s
        while not select.select([child.stdout], [], [], POLL_S)[0]:
            tick()
            if time.monotonic() > ends:
                raise TimeoutError(f"no picture after {self._timeout_s:.0f} s")
        line = child.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._death(child.wait())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _death(self, code: int) -> Exception:
        log.warning("the decoder died on a picture, exit status %d", code)
        if code == -signal.SIGKILL:  # nobody but the system's memory keeper sends this
            return MemoryError("the system ended the decoder")
        return PictureRefused("damaged")


@cache
def shared() -> Decoder:
    """This process's decoder."""
    decoder = Decoder()
    atexit.register(decoder.close)
    return decoder
