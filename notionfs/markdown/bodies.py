"""What two readings of one body may differ in without being different."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from notionfs.patterns import late

_URL_RUN = late(r"https?://[^\s<>\"']+")
_NEXT_URL = late(r"(?=https?://)")
_URL_PUNCTUATION = late(r"[()\]`|]")
_HOSTED_HOST = late(
    r"(?:prod-files-secure|secure\.notion-static\.com|prod-files)\.s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com"
    r"|(?:[a-z0-9-]+\.)*notion-static\.com"
    r"|file\.notion\.(?:so|com)"
    r"|(?:[a-z0-9-]+\.)*notionusercontent\.com",
    re.IGNORECASE,
)
_SIGNS_OF_HOSTS = ("amazonaws", "notion-static", "file.notion", "notionusercontent", "/_files/")
_S3_HOST = late(r"s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com", re.IGNORECASE)
_OUR_BUCKETS = ("/secure.notion-static.com/", "/prod-files-secure/")
_SIMULATED = "/_files/"


def is_hosted_url(url: str) -> bool:
    """Tell whether Notion, or its simulator, hosts the file behind *url* and signs its address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if _HOSTED_HOST.fullmatch(host):
        return True
    if _S3_HOST.fullmatch(host):
        return parts.path.startswith(_OUR_BUCKETS)
    return parts.path.startswith(_SIMULATED)


def canonical_url(url: str) -> str:
    """Return *url* without the signature that Notion renews on every read of a hosted file."""
    address, question, _ = url.partition("?")
    return address if question and is_hosted_url(address) else url


def canonical_body(markdown: str) -> str:
    """Return *markdown* with the signatures of hosted files removed.

    Addresses signed by others are kept whole: nobody else can sign them again.
    """
    if "?" not in markdown:
        return markdown
    return _URL_RUN.sub(lambda run: "".join(map(_strip, _NEXT_URL.split(run[0]))), markdown)


def may_have_hosted_file(text: str) -> bool:
    """Tell quickly whether looking for the addresses of hosted files is worth it."""
    if "://" not in text:
        return False
    return _large_may_have(text) if len(text) > _LARGE else _may_have(text)


def _may_have(text: str) -> bool:
    folded = text.lower()
    return any(sign in folded for sign in _SIGNS_OF_HOSTS)


_LARGE = 10_000
_large_may_have = lru_cache(maxsize=8)(_may_have)  # a save asks the same of a body many times


def hosted_urls(text: str) -> list[str]:
    """Return the addresses of hosted files in *text*, without what signs them."""
    return [text[start:end].partition("?")[0] for start, end in hosted_spans(text)]


def signed_urls(text: str) -> dict[str, str]:
    """Return the addresses of hosted files in *text* as signed there, by those without query."""
    urls = (text[start:end] for start, end in hosted_spans(text))
    return {canonical_url(url): url for url in urls}


def hosted_spans(text: str) -> list[tuple[int, int]]:
    """Return where the addresses of hosted files begin and end in *text*."""
    if not may_have_hosted_file(text):
        return []
    spans = []
    for run in _URL_RUN.finditer(text):
        start = run.start()
        for url in _NEXT_URL.split(run[0]):
            end = start + _url_end(url)
            if url and is_hosted_url(text[start:end]):
                spans.append((start, end))
            start += len(url)
    return spans


def has_hosted_file(text: str) -> bool:
    """Tell whether *text* contains the address of a hosted file."""
    return bool(hosted_urls(text))


def with_signatures(markdown: str, fresh: str) -> str:
    """Return *markdown* with the signatures that the files in *fresh*, as just read, have now.

    A hosted file that is sent back without one might be taken for a file of somebody else's.
    """
    if not may_have_hosted_file(markdown):
        return markdown
    signed: dict[str, str] = {}
    for run in _URL_RUN.finditer(fresh):
        for text in _NEXT_URL.split(run[0]):
            url = text[: _url_end(text)]
            signed.setdefault(canonical_url(url), url)

    def sign(text: str) -> str:
        end = _url_end(text)
        return signed.get(text[:end], text[:end]) + text[end:]

    return _URL_RUN.sub(lambda run: "".join(map(sign, _NEXT_URL.split(run[0]))), markdown)


def _strip(text: str) -> str:
    """Remove the query from a URL that starts *text*; what Markdown puts behind it stays."""
    end = _url_end(text)
    return canonical_url(text[:end]) + text[end:]


def _url_end(text: str) -> int:
    """Return where a URL that starts *text* ends: parentheses belong to it if they are pairs."""
    depth = 0
    for found in _URL_PUNCTUATION.finditer(text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth < 0 or found[0] in "]`|":
            return found.start()
    return len(text)
