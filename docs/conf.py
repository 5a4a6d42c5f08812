"""The site: Sphinx reads these pages as they are, and the reference out of the installed distributions.

``tox run -e docs`` builds it, with every warning an error.
"""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import coverage_tables  # noqa: E402

project = "plugrad"
author = "The plugrad developers"
copyright = author
release = version_of("plugrad")
version = release.rpartition(".")[0]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["benchmarks/*", "demo/*", "**/.*", "**/*.dist-info", "**/*.egg-info"]
source_suffix = {".md": "markdown"}
root_doc = "index"

html_theme = "furo"
html_title = f"plugrad {release}"
html_copy_source = False
html_show_sphinx = False

myst_heading_anchors = 3

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!plugrad\b).*")]  # Python's own types and the libraries': nothing is fetched


def with_tables(app, docname, source):
    """Put the tables of ops into the page that names them: they are computed when the site is built."""
    if docname == "coverage":
        source[0] = coverage_tables.filled(source[0])


def setup(app):
    app.connect("source-read", with_tables)
