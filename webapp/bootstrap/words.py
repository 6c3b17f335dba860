"""What the terminal is told, in Spanish and English, before and beside Django's own translations."""

from __future__ import annotations

import os
from collections.abc import Mapping

from webapp.bootstrap.setup_words import SETUP
from webapp.bootstrap.start_words import START

WORDS: dict[str, tuple[str, str]] = SETUP | START


class Refusal(Exception):
    """Something the person has to put right; the message is the one sentence to print."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(words(key, **params))
        self.key = key


def language(environ: Mapping[str, str] = os.environ) -> str:
    """ "en" where the terminal asks for English, else "es"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "en" if environ[name].lower().startswith("en") else "es"
    return "es"


def words(key: str, **params: object) -> str:
    """The sentence of `key` in the terminal's language."""
    spanish, english = WORDS[key]
    return (english if language() == "en" else spanish).format(**params)
