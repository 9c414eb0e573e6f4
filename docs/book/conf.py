"""How does Sphinx make the book? `make book` lays out the pages and starts it."""

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

project = "Matrix factorization from scratch"
author = 'The authors of "Matrix factorization from scratch"'
project_copyright = author
language = "en"

# The book carries its own copy of MathJax: it shows mathematics without the internet.
extensions = ["myst_nb", "sphinx-mathjax-offline"]
exclude_patterns = ["**/.ipynb_checkpoints"]

# The notebooks come with their outputs.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
suppress_warnings = [
    # A notebook may begin with a title and go on with exercises two levels below it.
    "myst.header",
]

# A diagram that GitHub draws stands here as its text.
lexers["mermaid"] = TextLexer()

html_theme = "sphinx_book_theme"
html_title = project
html_theme_options = {
    "show_toc_level": 2,
    "use_download_button": True,
    "show_navbar_depth": 1,
    "home_page_in_toc": True,
    "navbar_persistent": [],
}
html_show_sourcelink = False
