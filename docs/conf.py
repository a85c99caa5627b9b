"""How the documents are built: ``python3 tasks.py docs``. Warnings are errors there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
INIT = (HERE.parent / "src" / "chroma_recovery" / "__init__.py").read_text(encoding="utf-8")

project = "chroma_recovery"
author = copyright = "The chroma-recovery authors"  # noqa: A001 - Sphinx's own name
release = version = re.search(r'__version__ = "([^"]+)"', INIT)[1]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
language = "en"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "text"

html_theme = "furo"
html_title = "chroma_recovery"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"sidebar_hide_name": False, "navigation_with_keys": True}
