"""Run by mkdocs-gen-files while the site is built: adds the generated pages and completes the navigation."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import mkdocs_gen_files
from mkdocs.exceptions import PluginError

ROOT = Path(__file__).resolve().parent.parent
# mkdocs does not put the project on the path; a clone is built without being installed, too.
sys.path.insert(0, str(ROOT))

from checker.book import open_book
from checker.dev.pages import build_site, expand_nav
from checker.errors import CheckerError


def generate() -> None:
    """Write every generated page into the build."""
    config = mkdocs_gen_files.config
    # nbconvert says with each lesson what it converts; mkdocs would show it.
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    try:
        site = build_site(open_book(), Path(config.docs_dir), ROOT / ".cache" / "lessons")
    except CheckerError as error:
        raise PluginError(str(error)) from error
    for path, content in site.files.items():
        if isinstance(content, bytes):
            with mkdocs_gen_files.open(path, "wb") as pictures:
                pictures.write(content)
        else:
            with mkdocs_gen_files.open(path, "w", encoding="utf-8") as page:
                page.write(content)
    config.nav = expand_nav(config.nav or [], site.nav)


generate()
