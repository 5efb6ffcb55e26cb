"""Markdown of ours (a section of a handout) as HTML that asks nobody for anything.

HTML in it is shown, not obeyed; what it links to is kept only where that is an
address, since other files are not beside a page; a picture becomes its words.
"""

from collections.abc import Iterable
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from grader.report.text import plain

__all__ = ["marked_up"]

#: Headings of a page above those of a handout: h1 to h4 are the page's own.
LEVEL = "h5"


def marked_up(text: str) -> Markup:
    """Render Markdown."""
    parser = _parser()
    tokens = parser.parse(plain(text))
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = LEVEL
        if token.children:
            token.children = list(_without_files(token.children))
    html: str = parser.renderer.render(tokens, parser.options, {})
    scrolling = '<div class="scroll" role="region" tabindex="0" aria-label="Table"><table>'
    html = html.replace("<table>", scrolling).replace("</table>", "</table></div>")
    html = html.replace("<pre>", '<pre tabindex="0" role="region" aria-label="Code">')
    return Markup(html)  # noqa: S704  the parser escapes what it does not make


def _without_files(tokens: Iterable[Token]) -> Iterable[Token]:
    dropped: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            dropped.append(not str(token.attrs.get("href", "")).startswith("https://"))
        if token.type in {"link_open", "link_close"} and dropped[-1]:
            pass
        elif token.type == "image":
            yield Token("text", "", 0, content=token.content)
        else:
            yield token
        if token.type == "link_close":
            dropped.pop()


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")
