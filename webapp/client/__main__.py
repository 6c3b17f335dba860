"""`medula upload | watch | download`, also as `python -m webapp.client`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

if not __package__:  # run as a file, by the command `medula`, from whatever folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from webapp.client.downloading import download
from webapp.client.server import PATIENCE_S, Server
from webapp.client.uploading import FILES_A_REQUEST, Target, upload
from webapp.client.watching import watch
from webapp.client.words import Failure, words


def parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--server", default=os.environ.get("MEDULA_SERVER", ""), help=words("help_server"))
    common.add_argument("--token", default=os.environ.get("MEDULA_TOKEN", ""), help=words("help_token"))
    common.add_argument("--patience", type=float, default=PATIENCE_S, help=words("help_patience"))
    made = argparse.ArgumentParser(prog="medula", description=words("about"))
    commands = made.add_subparsers(dest="command", required=True)

    sub = commands.add_parser("upload", parents=[common], help=words("help_upload"))
    sub.add_argument("folder", type=Path, help=words("help_folder"))
    sub.add_argument("--patient", required=True, help=words("help_patient"))
    sub.add_argument("--case", help=words("help_case"))
    sub.add_argument("--name", help=words("help_name"))
    sub.add_argument("--new", action="store_true", help=words("help_new"))
    sub.add_argument("--model-version", help=words("help_model"))
    sub.add_argument("--stain", help=words("help_stain"))
    sub.add_argument("--specimen", help=words("help_specimen"))
    sub.add_argument("--um-per-px", type=float, help=words("help_scale"))
    sub.add_argument("--at-once", type=int, default=FILES_A_REQUEST, help=words("help_at_once"))
    sub.add_argument("--wait", action="store_true", help=words("help_wait"))

    sub = commands.add_parser("watch", parents=[common], help=words("help_watch"))
    sub.add_argument("batch", help=words("help_batch"))

    sub = commands.add_parser("download", parents=[common], help=words("help_download"))
    sub.add_argument("batch", help=words("help_batch"))
    sub.add_argument("--output", type=Path, required=True, help=words("help_output"))
    return made


def run(asked: argparse.Namespace) -> int:
    """0: all is well; 1: something was refused or failed."""
    if not asked.server:
        raise Failure("no_server")
    if not asked.token:
        raise Failure("no_token")
    with Server(asked.server, asked.token, patience_s=asked.patience) as server:
        if asked.command == "watch":
            return int(watch(server, asked.batch) > 0)
        if asked.command == "download":
            download(server, asked.batch, asked.output)
            return 0
        batch, refused = upload(server, asked.folder, target(asked))
        failed = watch(server, batch) if asked.wait else 0
        return int(refused + failed > 0)


def target(asked: argparse.Namespace) -> Target:
    folder = asked.folder.resolve().name
    facts = {"stain": asked.stain, "specimen": asked.specimen, "um_per_px": asked.um_per_px}
    return Target(
        patient=asked.patient,
        case=asked.case or folder,
        name=asked.name or folder,
        model_version=asked.model_version,
        is_new=asked.new,
        at_once=min(max(asked.at_once, 1), 100),
        specimen={name: value for name, value in facts.items() if value is not None},
    )


def main() -> int:
    asked = parser().parse_args()
    try:
        return run(asked)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as error:
        print(words("disk", path=error.filename or "", detail=error.strerror or error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(words("interrupted"), file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
