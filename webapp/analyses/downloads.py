"""Files of an analysis as people and programs take them along: named, and saying what they are."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase, StreamingHttpResponse

from webapp.analyses.labelled import LabelledPng, text_chunk
from webapp.analyses.models import Analysis
from webapp.analyses.nuclei import NOTICE, csv_lines
from webapp.common.models import StoredFile
from webapp.common.responses import disposition, file_response, stem
from webapp.common.storage import absolute


def nuclei_csv_export(analysis: Analysis) -> HttpResponseBase:
    """The table of nuclei; not found where the analysis has no result yet."""
    if analysis.nuclei is None:
        raise Http404
    response = StreamingHttpResponse(csv_lines(analysis), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = disposition(export_name(analysis, "nuclei", ".csv"))
    response["Cache-Control"] = "private, no-store"
    return response


def picture_export(analysis: Analysis, stored: StoredFile | None, what: str) -> HttpResponseBase:
    """A picture under a name that says what it is; inside a PNG, the same in words."""
    if stored is None:
        raise Http404
    path = absolute(stored.path)
    name = export_name(analysis, what, path.suffix)
    if path.suffix != ".png":
        return file_response(stored, download_as=name)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    version = analysis.model_version
    chunk = text_chunk("Comment", f"Medula: {NOTICE}. {version}, sha256 {version.digest}")
    response = StreamingHttpResponse(LabelledPng(file, chunk), content_type=stored.media_type)
    response["Content-Length"] = str(stored.bytes + len(chunk))
    response["Content-Disposition"] = disposition(name)
    response["Cache-Control"] = "private, no-store"
    return response


def export_name(analysis: Analysis, what: str, suffix: str) -> str:
    version = analysis.model_version
    made_by = f"{version.family}-{version.version}"
    return f"{stem(analysis.image.original_name)}_{what}_{made_by}_research-use{suffix}"
