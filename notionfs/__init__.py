"""Mount a Notion workspace as a directory tree of Markdown files."""

__version__ = "0.1.0"
