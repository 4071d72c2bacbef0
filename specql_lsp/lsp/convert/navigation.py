"""Places, links and symbols as the protocol's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING

from lsprotocol import types

from specql_lsp.features.model import Link, OutlineSymbol
from specql_lsp.index.symbols import Place
from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.convert.locations import UriFor
from specql_lsp.lsp.positions import Encoding, Positions, place_range
from specql_lsp.syntax.text import Span

if TYPE_CHECKING:
    from specql_lsp.lsp.request_context import DocumentContext


def locations(places: Iterable[Place], encoding: Encoding, uri_for: UriFor) -> list[types.Location]:
    """Places as locations."""
    return [types.Location(uri_for(place.uri), place_range(place, encoding)) for place in places]


def location_links(
    found: Iterable[Link], positions: Positions, encoding: Encoding, uri_for: UriFor
) -> list[types.LocationLink]:
    """Links as location links: the client underlines the whole name that leads somewhere."""
    answer: list[types.LocationLink] = []
    for link in found:
        target = place_range(link.target, encoding)
        answer.append(types.LocationLink(uri_for(link.target.uri), target, target, positions.range(link.origin)))
    return answer


def targets(
    found: tuple[Link, ...], context: DocumentContext, *, links: bool
) -> list[types.Location] | list[types.LocationLink] | None:
    """Links as location links, or as locations for a client without links; None where there are none."""
    encoding = context.client.encoding
    if links:
        return location_links(found, context.positions, encoding, context.client_uri) or None
    return locations((link.target for link in found), encoding, context.client_uri) or None


def document_symbols(symbols: Iterable[OutlineSymbol], positions: Positions) -> JsonText:
    """Symbols as a list of DocumentSymbol: a registry has ten thousand of them."""
    return JsonText(_trees(symbols, positions.range_texts()))


def _trees(symbols: Iterable[OutlineSymbol], range_text: Callable[[Span], str]) -> str:
    trees: list[str] = []
    for name, kind, span, selection, detail, children in symbols:
        more = f',"detail":{quoted(detail)}' if detail else ""
        if children:
            more += f',"children":{_trees(children, range_text)}'
        trees.append(
            f'{{"name":{quoted(name)},"kind":{kind.value},"range":{range_text(span)},'
            f'"selectionRange":{range_text(selection)}{more}}}'
        )
    return f"[{','.join(trees)}]"


def flat_symbols(symbols: Iterable[OutlineSymbol], positions: Positions, client_uri: str) -> JsonText:
    """Symbols as a list of SymbolInformation, for clients that show no trees: each before those in it."""
    return JsonText(f"[{','.join(_flat(symbols, positions.range_texts(), quoted(client_uri), ''))}]")


def _flat(
    symbols: Iterable[OutlineSymbol], range_text: Callable[[Span], str], uri: str, container: str
) -> Iterator[str]:
    for name, kind, span, _, _, children in symbols:
        quoted_name = quoted(name)
        yield (
            f'{{"name":{quoted_name},"kind":{kind.value},"location":{{"uri":{uri},"range":{range_text(span)}}}{container}}}'
        )
        if children:
            yield from _flat(children, range_text, uri, f',"containerName":{quoted_name}' if name else "")
