"""An evaluation as one page: self-contained, printable, in Spanish or English.

The pictures lie inside the page. It is written where the user says and nowhere else: who may see the
pictures may see the page.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from typing import Any

from segmentation.baselines import ALL_BACKGROUND, OTSU
from segmentation.gallery import Gallery, Strip
from segmentation.report_words import word

FIGURES = (
    "pixel_accuracy", "dice", "iou", "ap50", "ap55", "ap60", "ap65", "ap70", "ap75", "ap80", "ap85", "ap90",
    "ap95", "map", "f1_50", "pq", "aji", "count_error",
)  # fmt: skip
_METHODS = {OTSU: "otsu", ALL_BACKGROUND: "background"}
_SIDE = 300
_STYLE = """
body { font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: #1b1b22;
  background: #fff; max-width: 1040px; margin: 0 auto; padding: 24px; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.5rem; margin: 0 0 4px; } h2 { font-size: 1.15rem; margin: 32px 0 8px; }
h3 { font-size: 1rem; margin: 20px 0 4px; } p { margin: 0 0 8px; } .quiet { color: #595966; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; }
th, td { text-align: left; padding: 3px 16px 3px 0; border-bottom: 1px solid #dcdce2; white-space: nowrap; }
td.n, th.n { text-align: right; } td .quiet { font-size: .87em; } tbody th { font-weight: 400; }
tr.main td, tr.main th { font-weight: 600; }
figure { margin: 0 0 14px; break-inside: avoid; } figure img { display: block; max-width: 100%; }
figcaption { font-size: .87em; } code { overflow-wrap: anywhere; } svg { max-width: 100%; height: auto; }
section { break-inside: auto; } table, svg { break-inside: avoid; }
@media (max-width: 640px) { tbody th { white-space: normal; min-width: 9em; } }
@media print { body { padding: 0; max-width: none; font-size: 11px; } h2 { break-after: avoid; } }
"""


def render(report: dict[str, Any], gallery: Gallery, language: str) -> str:
    """The page. `report` is what `evaluate --report` writes; `language` is "es" or "en"."""

    def say(key: str, **params: object) -> str:
        return escape(word(key, language, **params))

    title = say("title", model=report["model"])
    part = word("all_parts" if report["part"] == "all" else report["part"], language)
    lead = say("lead", images=report["images"], part=part, date=report["read_on"])
    digest = f"<p>{say('digest')}: <code>{escape(report['digest'])}</code></p>" if report["digest"] else ""
    body = [
        f"<h1>{title}</h1><p>{lead}</p>{digest}<p class='quiet'>{say('notice')}</p>",
        _figures(report["rows"], language),
        _confidence(report["confidence"], report["part"], language),
        _strips(word("drawn", language, n=len(gallery.drawn)), gallery.drawn, language),
        _strips(word("worst", language, n=len(gallery.worst)), gallery.worst, language),
        _machine(report["machine"], language),
    ]
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _figures(rows: list[dict[str, Any]], language: str) -> str:
    kinds = list(dict.fromkeys(row["modality"] for row in rows))
    tables = [_kind([row for row in rows if row["modality"] == kind], language) for kind in kinds]
    return (
        f"<section><h2>{escape(word('figures', language))}</h2>"
        f"<p class='quiet'>{escape(word('ap_note', language))}</p>{''.join(tables)}</section>"
    )


def _kind(rows: list[dict[str, Any]], language: str) -> str:
    """One kind's table: a line a figure, a column a method."""

    def line(label: str, cells: Iterable[str], main: bool = False) -> str:
        inner = "".join(f"<td class='n'>{cell}</td>" for cell in cells)
        return f"<tr{' class=main' if main else ''}><th scope='row'>{escape(label)}</th>{inner}</tr>"

    images = rows[0]["images"]
    many = word("picture_1", language) if images == 1 else word("pictures_n", language, n=images)
    heads = "".join(
        f"<th class='n' scope='col'>{escape(_method(row['name'], language))}</th>" for row in rows
    )
    lines = [
        line(word("nuclei", language), [f"{row['nuclei']:,}" for row in rows]),
        line(word("predicted", language), [f"{row['predicted']:,}" for row in rows]),
    ]
    for name in FIGURES:
        cells = [_cell(row[name], row["intervals"][name]) for row in rows]
        lines.append(line(_label(name, language), cells, name in ("ap50", "map")))
    counted = [row["counted"] for row in rows]
    if all(counted):
        for name, key in (("count_error", "count_error_many"), ("bias", "bias_many")):
            cells = [_cell(c[name], c["intervals"][name], sign=name == "bias") for c in counted]
            lines.append(line(word(key, language, n=counted[0]["images"]), cells))
    kind = escape(word(rows[0]["modality"], language))
    return (
        f"<h3>{kind} <span class='quiet'>· {escape(many)}</span></h3><div class='scroll'><table><thead><tr>"
        f"<th scope='col'>{escape(word('figure', language))}</th>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _method(name: str, language: str) -> str:
    return word(_METHODS.get(name, name), language)


def _label(name: str, language: str) -> str:
    return (
        f"AP {int(name[2:]) / 100:g}"
        if name[2:].isdigit() and name.startswith("ap")
        else word(name, language)
    )


def _cell(value: float, interval: list[float], sign: bool = False) -> str:
    plus = "+" if sign else ""
    low, high = (f"{end:{plus}.3f}" for end in interval)
    return f"{value:{plus}.3f} <span class='quiet'>({low} – {high})</span>"


def _confidence(said: dict[str, Any] | None, part: str, language: str) -> str:
    head = f"<h2>{escape(word('confidence', language))}</h2>"
    if said is None:
        return f"<section>{head}<p>{escape(word('confidence_none', language))}</p></section>"
    found, counts = said["calibration"], said["counts"]
    ece, brier = (f"{found[name]:.3f}" for name in ("ece", "brier"))
    lead = word(
        "confidence_lead", language, n=f"{found['nuclei']:,}", m=f"{found['matched']:,}", ece=ece, brier=brier
    )
    width = f"{100 * counts['median_half_width']:.0f}"
    held = word(
        "counts", language, held=counts["held"], images=counts["images"], width=width,
        bias=f"{counts['bias']:+.3f}",
    )  # fmt: skip
    fitted = f"<p>{escape(word('fitted_here', language))}</p>" if part in ("validation", "all") else ""
    kinds = "; ".join(f"{word(kind, language)} {row['ece']:.3f}" for kind, row in said["kinds"].items())
    heads = "".join(
        f"<th class='n'>{escape(word(key, language))}</th>" for key in ("said", "seen", "nuclei_n")
    )
    rows = "".join(
        f"<tr><td class='n'>{row['said']:.2f}</td><td class='n'>{row['seen']:.2f}</td>"
        f"<td class='n'>{row['nuclei']:,}</td></tr>"
        for row in found["bins"]
    )
    return (
        f"<section>{head}{fitted}<p>{escape(lead)}</p><p>{escape(held)}</p>"
        f"<p>{escape(word('ece_kind', language))}: {escape(kinds)}</p>"
        f"{_plot(found['bins'], language)}<div class='scroll'><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _plot(bins: list[dict[str, Any]], language: str) -> str:
    """Said against seen: a dot a bin, its area by its nuclei; on the line they agree."""
    most = max((row["nuclei"] for row in bins), default=1)
    dots = "".join(
        f"<circle cx='{40 + _SIDE * row['said']:.1f}' cy='{10 + _SIDE * (1 - row['seen']):.1f}' "
        f"r='{3 + 9 * (row['nuclei'] / most) ** 0.5:.1f}' fill='#43389c' fill-opacity='.75'/>"
        for row in bins
    )
    ticks = "".join(
        f"<text x='{40 + _SIDE * t}' y='{_SIDE + 26}' text-anchor='middle'>{t:g}</text>"
        f"<text x='34' y='{14 + _SIDE * (1 - t)}' text-anchor='end'>{t:g}</text>"
        for t in (0, 0.5, 1)
    )
    said, seen = (escape(word(key, language)) for key in ("said", "seen"))
    return (
        f"<svg width='{_SIDE + 70}' height='{_SIDE + 50}' viewBox='0 0 {_SIDE + 70} {_SIDE + 50}' role='img' "
        f"aria-label='{said} / {seen}' font-size='12' fill='#595966'>"
        f"<rect x='40' y='10' width='{_SIDE}' height='{_SIDE}' fill='none' stroke='#dcdce2'/>"
        f"<path d='M40 {_SIDE + 10}L{_SIDE + 40} 10' stroke='#8b8b98' stroke-dasharray='4 3'/>{dots}{ticks}"
        f"<text x='{40 + _SIDE / 2}' y='{_SIDE + 42}' text-anchor='middle'>{said}</text>"
        f"<text x='14' y='{10 + _SIDE / 2}' text-anchor='middle' "
        f"transform='rotate(-90 14 {10 + _SIDE / 2})'>{seen}</text></svg>"
        f"<p class='quiet'>{escape(word('perfect', language))}</p>"
    )


def _strips(head: str, strips: list[Strip], language: str) -> str:
    figures = []
    for strip in strips:
        row = strip.row
        source = base64.b64encode(strip.jpeg).decode()
        caption = " · ".join(
            [
                word(row.modality, language),
                word("found_of", language, found=row.predicted, true=row.nuclei),
                f"Dice {row.figures['dice']:.3f}",
                f"AP 0.5 {row.figures['ap50']:.3f}",
                f"{word('map', language)} {row.figures['map']:.3f}",
            ]
        )
        name = escape(row.name)
        figures.append(
            f"<figure><img src='data:image/jpeg;base64,{source}' alt='{name}'>"
            f"<figcaption><strong>{name}</strong> · {escape(caption)}</figcaption></figure>"
        )
    order = escape(word("order", language))
    return f"<section><h2>{escape(head)}</h2><p class='quiet'>{order}</p>{''.join(figures)}</section>"


def _machine(facts: dict[str, str], language: str) -> str:
    lines = "".join(
        f"<tr><th scope='row'>{escape(word(name, language))}</th>"
        f"<td style='white-space:normal'>{escape(value)}</td></tr>"
        for name, value in facts.items()
    )
    head = escape(word("machine", language))
    return f"<section><h2>{head}</h2><table><tbody>{lines}</tbody></table></section>"
