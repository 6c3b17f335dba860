"""`python -m segmentation gather`: a public data set as it is published becomes what `train` reads."""

from __future__ import annotations

import argparse
import atexit
import shutil
import sys
import tempfile
from pathlib import Path

from segmentation.errors import DataError, sentence
from segmentation.gathering import ALL_LAYOUTS, Gathered, gather
from segmentation.shell import language

_SHOWN = 20
GROUPS = ("auto", "picture", "name", "prefix", "folder")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("gather", help="read a data set in a public layout: images, labels, split")
    parser.add_argument(
        "data", type=Path, metavar="FOLDER", help="BBBC038, image + label, class or COCO folder"
    )
    parser.add_argument("--to", type=Path, required=True, help="folder for images/, labels/ and split.csv")
    add_layout(parser)
    parser.set_defaults(run=run)


def add_layout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--layout", choices=ALL_LAYOUTS, default="auto", help="how the files are arranged")
    parser.add_argument("--group-from", choices=GROUPS, default="auto", help="what tells the group")


def add_data(parser: argparse.ArgumentParser) -> None:
    """The options of commands that read pictures with labels: --data, or --images with --labels."""
    parser.add_argument("--data", type=Path, help="a data set in a public layout, instead of the two folders")
    parser.add_argument("--images", type=Path, help="folder of pictures")
    parser.add_argument("--labels", type=Path, help="folder of label images, paired by stem")
    add_layout(parser)


def resolve(arguments: argparse.Namespace, target: Path | None = None) -> None:
    """Set `images`, `labels` and, where none is given, `split` from `data`; gathered into `target`."""
    if arguments.data is None:
        if arguments.images is None or arguments.labels is None:
            raise DataError("data_unnamed")
        return
    if target is None:
        target = Path(tempfile.mkdtemp(prefix="medula-"))
        atexit.register(shutil.rmtree, target, ignore_errors=True)
    tell(gather(arguments.data, target, arguments.layout, arguments.group_from))
    arguments.images, arguments.labels = target / "images", target / "labels"
    arguments.split = arguments.split or target / "split.csv"


def run(arguments: argparse.Namespace) -> int:
    found = gather(arguments.data, arguments.to, arguments.layout, arguments.group_from)
    tell(found)
    print(f"{found.layout}: {found.pictures} pictures, {found.nuclei} nuclei -> {arguments.to}")
    return 1 if found.problems else 0


def tell(found: Gathered) -> None:
    """What was left out or resolved, on the error output; the first few of many."""
    told = [*found.problems, *found.notes]
    for one in told[:_SHOWN]:
        print(sentence(one.code, dict(one.params), language()), file=sys.stderr)
    if len(told) > _SHOWN:
        print(f"… + {len(told) - _SHOWN}", file=sys.stderr)
    if found.without_labels:
        params: dict[str, object] = {"count": found.without_labels}
        print(sentence("pictures_without_labels", params, language()), file=sys.stderr)
