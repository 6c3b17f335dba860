"""`installation_prepare`: what `start` does before its first program, where something else runs them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from webapp.bootstrap.words import Refusal, words
from webapp.portal.preparation import prepare


class Command(BaseCommand):
    help = words("prepare_help")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help=words("no_demo_help"))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prepare(self.say, demo=not options["no_demo"])
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(1)
        self.say("prepared")

    def say(self, key: str, **params: object) -> None:
        self.stdout.write(words(key, **params))
        self.stdout.flush()
