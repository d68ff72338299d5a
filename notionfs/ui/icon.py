"""The small picture in the browser's tab."""

from __future__ import annotations

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<path d="M3 7h10l3 3h13v16H3z" fill="#0b5cad"/>'
    '<path d="M8 15h16M8 20h11" stroke="#fff" stroke-width="2.5"/></svg>'
)
