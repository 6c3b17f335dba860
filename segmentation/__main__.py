"""`python -m segmentation`: the bench from a shell, without the web application."""

from __future__ import annotations

import argparse
import locale
import os
import sys

from segmentation.commands import train
from segmentation.errors import MedulaError

COMMANDS = (train,)


def main(arguments: list[str] | None = None) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up lines say nothing to a user
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


def language() -> str:
    """The language of the shell: "es" or "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "es" if os.environ[name].lower().startswith("es") else "en"
    return "es" if (locale.getlocale()[0] or "").lower().startswith(("es", "spanish")) else "en"


if __name__ == "__main__":
    sys.exit(main())
