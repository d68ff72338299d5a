"""The languages of code blocks: Notion's closed list, and the names people use for them."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN_TEXT = "plain text"

_NAMES = """
abap | abc | agda | arduino | ascii art | assembly | bash | basic | bnf | c | c# | c++ | clojure
| coffeescript | coq | css | dart | dhall | diff | docker | ebnf | elixir | elm | erlang | f# |
flow | fortran | gherkin | glsl | go | graphql | groovy | haskell | hcl | html | idris | java |
java/c/c++/c# | javascript | json | julia | kotlin | latex | less | lisp | livescript | llvm ir
| lua | makefile | markdown | markup | mathematica | matlab | mermaid | nix | notion formula |
objective-c | ocaml | pascal | perl | php | plain text | powershell | prolog | protobuf |
purescript | python | r | racket | reason | ruby | rust | sass | scala | scheme | scss | shell |
smalltalk | solidity | sql | swift | toml | typescript | vb.net | verilog | vhdl | visual basic
| webassembly | xml | yaml
"""
LANGUAGES: tuple[str, ...] = tuple(name.strip() for name in _NAMES.replace("\n", " ").split("|"))

ALIASES: Mapping[str, str] = {
    "": PLAIN_TEXT,
    "text": PLAIN_TEXT,
    "txt": PLAIN_TEXT,
    "plain": PLAIN_TEXT,
    "plaintext": PLAIN_TEXT,
    "asm": "assembly",
    "clj": "clojure",
    "coffee": "coffeescript",
    "cpp": "c++",
    "cs": "c#",
    "csharp": "c#",
    "dockerfile": "docker",
    "ex": "elixir",
    "fs": "f#",
    "fsharp": "f#",
    "golang": "go",
    "hs": "haskell",
    "js": "javascript",
    "jsx": "javascript",
    "kt": "kotlin",
    "make": "makefile",
    "md": "markdown",
    "objc": "objective-c",
    "pl": "perl",
    "ps1": "powershell",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "shell",
    "tex": "latex",
    "ts": "typescript",
    "tsx": "typescript",
    "vb": "visual basic",
    "wasm": "webassembly",
    "yml": "yaml",
    "zsh": "shell",
}

_KNOWN = frozenset(LANGUAGES)


def language_of(info: str) -> str | None:
    """Return Notion's name for what follows a code fence, or None if there is none."""
    name = info.strip().lower()
    if name in _KNOWN:
        return name
    if name in ALIASES:
        return ALIASES[name]
    # Only the first word of an info string names the language in CommonMark.
    word = name.split(" ", 1)[0]
    return word if word in _KNOWN else ALIASES.get(word)
