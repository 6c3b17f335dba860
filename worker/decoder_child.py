"""The child that opens untrusted pictures: `python -m worker.decoder_child`. One request a line, one answer.

It holds nothing worth stealing and may not take much memory, so a picture that breaks a decoder breaks
only this process. Pixels leave through a file, as an array that the parent maps.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from segmentation.errors import DataError, PictureRefused
from segmentation.images import Limits, decode
from segmentation.mask_merge import open_labels, open_masks


def main() -> None:
    # Libraries that print must not write into the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory_bytes, timeout_s = (int(argument) for argument in sys.argv[1:3])
    _limit_memory(memory_bytes)
    serve(sys.stdin, answers, timeout_s)


def serve(requests: TextIO, answers: TextIO, timeout_s: int) -> None:
    """Answer until the parent closes its end, also by dying; then no picture may hold us for ever either."""
    for line in requests:
        signal.alarm(timeout_s)
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()
        signal.alarm(0)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked, or say why not."""
    try:
        return _ANSWERS[request.get("kind", "picture")](request)
    except (PictureRefused, DataError) as refused:
        return {"refused": refused.code, "params": refused.params}
    except MemoryError:
        return {"refused": "out_of_memory", "params": {}}
    except OSError as fault:
        return {"fault": str(fault), "errno": fault.errno}


def _picture(request: dict[str, Any]) -> dict[str, Any]:
    """Decode `source` and leave its pixels in `target`."""
    picture = decode(Path(request["source"]), Limits(**request["limits"]))
    np.save(request["target"], picture.rgb)
    return {
        "bit_depth": picture.bit_depth,
        "format": picture.format,
        "um_per_px": picture.um_per_px,
        "notes": list(picture.notes),
    }


def _labels(request: dict[str, Any]) -> dict[str, Any]:
    """Read one label picture, or one mask a nucleus, into the labels HxW int32 in `target`."""
    shape = (int(request["shape"][0]), int(request["shape"][1]))
    if "masks" in request:
        labels = open_masks(((name, Path(path)) for name, path in request["masks"]), shape)
    else:
        labels = open_labels(Path(request["source"]), shape)
    np.save(request["target"], labels)
    return {}


_ANSWERS = {"picture": _picture, "labels": _labels}


def _limit_memory(limit_bytes: int) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))
    except (ValueError, OSError):  # macOS refuses; the limits on pixels and the parent's clock remain
        print("this system does not limit the decoder's memory", file=sys.stderr)


if __name__ == "__main__":
    main()
