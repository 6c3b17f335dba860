"""`python -m segmentation mask`: a first mask for pictures that have none, by pixel filtering, for review."""

from __future__ import annotations

import argparse
from pathlib import Path

from segmentation.commands.segment import Method, analyse_all, entries_of
from segmentation.confidence import Found
from segmentation.pixel_masks import PixelMaskSettings, draw_masks
from segmentation.shell import positive
from segmentation.spec import MODALITIES


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("mask", help="draw masks by pixel filtering, without a network, for review")
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="pictures and folders of them")
    parser.add_argument("--output", type=Path, required=True, help="folder for the results")
    parser.add_argument("--kind", choices=MODALITIES, help="kind of picture (default: guessed for each)")
    parser.add_argument("--nucleus-px", type=positive, help="usual diameter of a nucleus (default: measured)")
    parser.add_argument("--um-per-px", type=positive, help="micrometres a pixel, for all pictures")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    settings = PixelMaskSettings(kind=arguments.kind, nucleus_px=arguments.nucleus_px)
    entries = entries_of(arguments.inputs, arguments.output)
    method = Method(lambda rgb: Found(draw_masks(rgb, settings)), "pixel filtering")
    return analyse_all(entries, arguments.output, lambda rgb: method, arguments.um_per_px)
