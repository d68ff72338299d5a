"""Render texts as GitHub does; reads a list of Markdown texts, prints a list of HTML texts."""

import json
import sys

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

OPTIONS = Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_UNSAFE

texts = json.load(sys.stdin)
json.dump([github_flavored_markdown_to_html(text, OPTIONS) for text in texts], sys.stdout)
