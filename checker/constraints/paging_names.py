"""What a name says of the size and the beginning of a page, and the words for a bound that is missing."""

from __future__ import annotations

import re
from collections.abc import Collection

_SIZES = frozenset({
    "limit", "page_size", "per_page", "pagesize", "perpage", "items_per_page", "page_limit", "max_results", "max_items",
    "top_k", "results_per_page", "rows_per_page", "num_results", "topk", "top_n", "topn", "n_results", "result_count",
    "results_count", "max_rows", "max_entries", "num_items", "number_of_results",
})  # fmt: skip
_STARTS = frozenset({
    "offset", "skip", "page", "page_offset", "page_number", "page_num", "page_index", "page_no", "pagenumber", "pageindex",
})  # fmt: skip
_SOMETIMES = frozenset(
    {"size", "take", "count", "n", "top", "first", "rows", "num", "k", "max_count", "batch_size"}
)
"""Names that speak of a page only where the value reaches a limit."""
_NUMBER_OF = re.compile(r"(max|num|top|last|recent|first|number_of)_[a-z_]*[a-z]s")
"""`max_points`, `num_rows`: so do these."""
_CURSOR = re.compile(
    r"(^|_)cursor$|^(start|since_id|max_id|last_id|after_id|before_id|page_token|next_token)$"
)
_SAMPLING = frozenset(
    {"top_p", "min_p", "repetition_penalty", "frequency_penalty", "presence_penalty", "typical_p"}
)
_SAMPLED = frozenset({"top_k", "topk"})


def is_paging(name: str) -> bool:
    """Whether a name speaks of the size or the beginning of a page."""
    return is_surely_paging(name) or is_perhaps_paging(name)


def is_perhaps_paging(name: str) -> bool:
    """Whether it does where the value reaches a limit, `count` or `max_points`."""
    return name.lower() in _SOMETIMES or (
        not is_surely_paging(name) and bool(_NUMBER_OF.fullmatch(name.lower()))
    )


def is_beside_start(beside: Collection[str]) -> bool:
    """Whether among the parameters is one that says where a page begins: `count` beside `cursor` is its size."""
    return any(name.lower() in _STARTS or _CURSOR.search(name.lower()) for name in beside)


def is_surely_paging(name: str) -> bool:
    """The same without names that need a look at where the value goes."""
    return name.lower() in _SIZES | _STARTS


def is_sampling(name: str, beside: Collection[str]) -> bool:
    """`top_k` beside `top_p`: from how many words a language model draws the next one."""
    return name.lower() in _SAMPLED and bool(_SAMPLING & set(beside))


def missing_bounds(name: str, lower: bool, upper: bool) -> str:
    """Which bounds a size or an offset still needs, in words; empty where none."""
    if name.lower() in _STARTS:
        return "" if lower else "lower bound"
    if not lower and not upper:
        return "bounds"
    return "" if lower and upper else "upper bound" if lower else "lower bound"


def example_of(name: str, missing: str) -> str:
    """A request that should not go through."""
    if name.lower() in _STARTS or missing == "lower bound":
        return f"`{name}=-1` goes through"
    return f"`{name}=10000000` goes through"


def remedy_for(name: str) -> str:
    """The declaration with its bounds."""
    first = "1" if "page" in name.lower() or name.lower() in _SIZES else "0"
    bounds = f"ge={first}" if name.lower() in _STARTS else "ge=1, le=100"
    return f"Declare `{name}: Annotated[int, Query({bounds})]`; anything else is refused with 422."
