"""The languages of code that Notion knows, and the names by which it knows some of them as well."""

from __future__ import annotations

_NAMES = """
abap | abc | agda | arduino | ascii art | assembly | bash | basic | bnf | c | c# | c++ | clojure |
coffeescript | coq | css | dart | dhall | diff | docker | ebnf | elixir | elm | erlang | f# | flow
| fortran | gherkin | glsl | go | graphql | groovy | haskell | hcl | html | idris | java |
javascript | json | julia | kotlin | latex | less | lisp | livescript | llvm ir | lua | makefile |
markdown | markup | mathematica | matlab | mermaid | nix | notion formula | objective-c | ocaml |
pascal | perl | php | plain text | powershell | prolog | protobuf | purescript | python | r |
racket | reason | ruby | rust | sass | scala | scheme | scss | shell | smalltalk | solidity | sql
| swift | toml | typescript | vb.net | verilog | vhdl | visual basic | webassembly | xml | yaml |
java/c/c++/c#
"""
_SHORT = """
text txt plain plaintext none asm clj coffee cpp cs csharp dockerfile ex fs fsharp golang hs js
jsx kt make md objc pl ps1 py python3 rb rs sh tex ts tsx vb wasm yml zsh
"""
_KNOWN = frozenset(name.strip() for name in _NAMES.split("|")) | frozenset(_SHORT.split())


def is_known_language(info: str) -> bool:
    """Tell whether Notion knows the language behind a code fence, or none stands there."""
    name = info.strip().lower()
    return not name or name in _KNOWN or name.split()[0] in _KNOWN
