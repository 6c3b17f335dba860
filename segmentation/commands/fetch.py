"""`python -m segmentation fetch`: a public archive by name or address, resumable and checked."""

from __future__ import annotations

import argparse
import sys
import zipfile
from pathlib import Path

from tqdm import tqdm

from segmentation.errors import DataError
from segmentation.fetching import ARCHIVES, address_of, fetch


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("fetch", help="download a public data set, resumable, its sha256 noted")
    parser.add_argument("source", metavar="NAME_OR_URL", help=f"an https address, or: {', '.join(ARCHIVES)}")
    parser.add_argument("--to", type=Path, required=True, help="folder for the file and its .sha256")
    parser.add_argument("--unpack", action="store_true", help="unpack the ZIP into a folder beside it")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    with tqdm(unit="B", unit_scale=True, file=sys.stderr) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        got = fetch(address_of(arguments.source), arguments.to, show)
    print(f"{got.sha256}  {got.path}")
    if arguments.unpack:
        target = got.path.with_suffix("")
        try:
            with zipfile.ZipFile(got.path) as archive:
                archive.extractall(target)  # names with .. or a leading / lose them there
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise DataError("archive_unreadable") from error
        print(target)
    return 0
