"""Hostile names, texts and values."""

from __future__ import annotations

TITLES = (
    "", " ", ".", "..", "...", "/", "a/b", "../../etc/passwd", "/absolute", ".hidden", ".git", "~",
    "-rf", "--help", "con", "NUL", "aux.md", "page.md", "page.MD", ".schema.yaml", ".notionfs",
    "untitled", "Untitled", "index", "README", "Readme", "readme", "ReadMe!", "readme?",
    " leading", "trailing ", "trailing.", "two  spaces", "tab\there", "line\nbreak",
    "line\r\nbreak",
    "line\u2028separator", "no\u00a0break", "zero\u200bwidth", "soft\u00adhyphen", "\ufeffbom",
    "\u202egnp.exe", "\u2066isolate\u2069", "bell\x07", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07",
    "del\x7f", "c1\x85\x9b31m", "percent%2Fencoded", "${HOME}", "$(reboot)", "`reboot`", "a;b",
    "a|b", "a&b", "a>b", "a<b", "a*b?", "[ab]", "{a,b}", "it's", '"quoted"', "back\\slash", "#tag",
    "# heading", "---", "- item", "> quote", "1. one", "| a | b |", "<page>", "&amp;",
    "notion_id: x",
    "caf\u00e9", "cafe\u0301", "STRASSE", "stra\u00dfe", "\u1e9e", "\u0130stanbul", "istanbul",
    "\ufb01sh", "\u2167", "\u0391\u0392\u0393", "\u03b1\u03b2\u03c2", "\u03b1\u03b2\u03c3",
    "\u65e5\u672c\u8a9e", "\ud55c\uad6d\uc5b4", "\u1112\u1161\u11ab", "\u0639\u0631\u0628\u064a",
    "\u05e2\u05d1\u05e8\u05d9\u05ea", "\U0001f680", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1e9\U0001f1ea", "Z\u0351\u0343\u0300a\u0362l\u0321go", "x" * 255, "y" * 2000,
    "\u00e9" * 200, "\U0001f600" * 100, "Same", "same", "SAME", "same ", "same-", "same!",
    "same 12345678", "same-12345678",
)  # fmt: skip

PROPERTY_NAMES = (
    "notion_id", "notion_parent_id", "notion_data_source_id", "notion_data_source_name",
    "last_edited", "notion_url", "computed", "Notion_ID", "title", "id", "type", " leading",
    "trailing ", "a: b", "a:b", ":", "# comment", "a #b", "- dash", "-", "? question", "yes", "no",
    "on", "off", "true", "null", "~", "1", "1.5", "1e3", "0x10", "2026-01-01", "12:30:45", "<<",
    "{brace}", "[bracket]", "'single'", '"double"', "& anchor", "* alias", "! tag", "% percent",
    "@ at", "` tick", "back\\slash", "line\nbreak", "tab\there", "emoji \U0001f389", "caf\u00e9",
    "cafe\u0301", "CAF\u00c9", "\u65e5\u672c\u8a9e", "name (property)", "a/b", "..", "%40%3D",
    "x" * 200, "zero\u200bwidth", "\u202ebidi", "---", "...", "|", ">", "a, b",
)  # fmt: skip

VALUES = (
    "", " ", "yes", "no", "true", "null", "~", "1", "1.0", "1e3", "0x10", "0o7", "1_000",
    "2026-01-01", "2026-01-01T10:00:00Z", "12:30:45", "- x", "a: b", "a #b",
    "# c", "[a]", "{a}", "'", '"', "\\",
    "line\nbreak", "two\n\nlines", "\n", " leading", "trailing ", "tab\t", "\u2028", "\u0085",
    "---", "...", "%x", "@x", "`x`", "!x", "&x", "*x", "|", ">", "<b>", "**bold**", "[a](b)",
    "\U0001f389",
    "\u202ex", "x" * 1999, "=1+1", "+1", ".5", ".inf", ".nan", "0b1", "012", "<<",
)  # fmt: skip

TEXTS = (
    "*a*", "**a**", "_a_", "__a__", "~~a~~", "`a`", "``a`b``", "$5 and $6", "$x$", "$$x$$", "[x]",
    "[x](y)", "![x](y)", "[^1]", "[x]: y", "<b>", "</b>", "<page>", "<mention url=\"x\">", "<br>",
    "<unknown/>", "<!-- c -->", "&amp;", "&lt;", "\\", "\\*", "\\\\", "# a", "####### a", "> a",
    ">a", "- a", "-", "+ a", "* a", "1. a", "1) a", "12345678901. a", "- [ ] a", "[ ] a", "---",
    "***", "___", "- - -", "===", "```", "~~~", "    code", "\tcode", " a", "a ", "  a  ", "a  \nb",
    "a\nb", "a\n\nb", "a\n- b", "a\n# b", "a\n===", "a\n---", "a\\\nb", "| a | b |", "a | b",
    "|---|", ":smile:", ":-)", "http://example.com", "a@example.com", "www.example.com", "{color}",
    "{color=\"red\"}", "^a^", "==a==", "+++", ":::", "[toc]", "[[wiki]]", "$", "$ 5 $", "a_b_c",
    "a*b*c", "2*3*4", "*", "_", "`", "~", "<", ">", "\"", "'", "(c)", "--", "...", "\u00a0",
    "\u200b", "\u2028", "\ufeff", "\u202e", "*a **b* c**", "`*a*`", "<a href=\"x\">", "%", "@",
    "- \n-", "1.\n2.", "#", "##", "\u00ad",
)  # fmt: skip
