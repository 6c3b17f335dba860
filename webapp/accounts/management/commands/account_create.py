"""`manage.py account_create ana --role clinician`: an account for somebody else, with a first password."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.accounts.models import Clinic, User
from webapp.accounts.services import account_create, clinic_create


class Command(BaseCommand):
    help = "Makes an account and prints its first password, which its owner must change at the first sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=User.Role.values, default=User.Role.LABORATORY)
        parser.add_argument(
            "--clinic", help="Its name; made when it is new. Not needed where there is only one."
        )

    def handle(self, *args: Any, username: str, role: str, clinic: str | None, **options: Any) -> None:
        try:
            user, password = account_create(clinic=self.clinic(clinic), username=username, role=role)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        self.stdout.write(f"{user.username}: {password}")

    def clinic(self, name: str | None) -> Clinic:
        if name:
            return clinic_create(name=name)
        found = list(Clinic.objects.all()[:2])
        if len(found) != 1:
            raise CommandError("Say which clinic with --clinic.")
        return found[0]
