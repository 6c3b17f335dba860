"""Typed errors with a sentence a person understands, in Spanish and English. Standard library only.

An error carries a code and parameters, never a finished text: the page, the command line and the
report each ask for the sentence in their reader's language, also long after the error happened.
"""

from __future__ import annotations

from segmentation.sentences import SENTENCES

__all__ = ["SENTENCES", "BundleError", "DataError", "MedulaError", "PictureRefused", "sentence"]


class MedulaError(Exception):
    """An error with a code of SENTENCES and the parameters its sentence needs."""

    def __init__(self, code: str, **params: object) -> None:
        if code not in SENTENCES:
            raise KeyError(f"no sentence for the error code {code!r}")
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross from the decoding child to its parent by pickle, keyword parameters included.
        return (_rebuild, (type(self), self.code, self.params))

    def __str__(self) -> str:
        return self.sentence("en")

    def sentence(self, language: str) -> str:
        """The sentence in "es" or "en"; any other language reads English."""
        return sentence(self.code, self.params, language)


class PictureRefused(MedulaError):
    """A picture we do not accept; trying again would not help."""


class BundleError(MedulaError):
    """A model bundle that is missing, damaged or not the one its spec names."""


class DataError(MedulaError):
    """A data set that cannot be used as it is."""


def sentence(code: str, params: dict[str, object], language: str) -> str:
    """The sentence of a stored code and its parameters; `language` is "es" or "en" (or "es-pa" …)."""
    texts = SENTENCES[code]
    return texts.get(language[:2], texts["en"]).format(**params)


def _rebuild(kind: type[MedulaError], code: str, params: dict[str, object]) -> MedulaError:
    return kind(code, **params)
