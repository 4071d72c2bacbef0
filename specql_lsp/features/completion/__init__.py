"""Completion: one provider per kind of thing offers proposals, one builder filters, ranks and cuts them."""

from specql_lsp.features.completion.dispatch import complete
from specql_lsp.features.completion.documentation import document_item

__all__ = ["complete", "document_item"]
