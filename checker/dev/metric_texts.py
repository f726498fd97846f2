"""What the site says about each metric, from the docstrings of the modules that measure them."""

from __future__ import annotations

import inspect
import re
import sys

from checker.book.spec import Spec
from checker.errors import BookError
from checker.metrics import all_metrics

_LEAD = re.compile(r"^M\d(?: and M\d)*:\s*")


def metric_texts(spec: Spec) -> str:
    """A `##` section for each metric, in the order of their ids.

    Raises `BookError` where a metric has no text, or an id that the specification does not know.
    """
    return "\n\n".join(_section(spec, metric.ids, metric.take.__module__) for metric in all_metrics())


def _section(spec: Spec, ids: tuple[str, ...], module: str) -> str:
    titles: list[str] = []
    for metric_id in ids:
        stated = spec.metric_of(metric_id)
        if stated is None:
            raise BookError(
                f"The metric `{metric_id}` is not in `chapters/spec.toml`; add it there, with its target."
            )
        titles.append(stated.title)
    text = inspect.getdoc(sys.modules[module]) or ""
    first, _, rest = text.partition("\n")
    if not first:
        raise BookError(f"`{module}` has no docstring; the page of {' and '.join(ids)} is built from it.")
    lead = _LEAD.sub("", first)
    below = re.sub(r"^## ", "### ", rest.strip(), flags=re.MULTILINE)
    return f"## {' and '.join(ids)}: {', '.join(titles)}\n\n{lead[:1].upper()}{lead[1:]}\n\n{below}".strip()
