"""(Title, properties, v2 body) to a page file, and back. Pure."""
