"""`python -m segmentation`: the bench from a shell, without the web application."""

from __future__ import annotations

import argparse
import sys

from segmentation.commands import confidence, evaluate, fetch, gather, int8, mask, pace, segment, train
from segmentation.errors import MedulaError
from segmentation.shell import language

COMMANDS = (segment, mask, train, confidence, int8, pace, evaluate, gather, fetch)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m segmentation",
        description="Finds, outlines, counts and measures cell nuclei. Research use, not a diagnosis.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except MedulaError as error:
        print(error.sentence(language()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
