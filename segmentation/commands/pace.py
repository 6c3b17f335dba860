"""`python -m segmentation pace`: how fast each path of a bundle is on this machine."""

from __future__ import annotations

import argparse
import json

from segmentation.bundle import find_bundle
from segmentation.shell import without_start_up_lines


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("pace", help="measure how fast a bundle's network runs here, fp32 and int8")
    parser.add_argument("bundle", nargs="?", help="model by name or folder (default: the newest “nuclei”)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints megapixels a second by path, as JSON."""
    with without_start_up_lines():
        from segmentation.pace import measure_paths

        found = measure_paths(find_bundle(arguments.bundle))
    print(json.dumps(found))
    return 0
