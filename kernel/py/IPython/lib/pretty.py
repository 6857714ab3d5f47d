"""text/plain of containers, classes and functions."""

from tincture.pretty import (
    Printer,
    for_type,
    for_type_by_name,
    pprint,
    pretty,
)

__all__ = [
    "PrettyPrinter",
    "RepresentationPrinter",
    "for_type",
    "for_type_by_name",
    "pprint",
    "pretty",
]

PrettyPrinter = RepresentationPrinter = Printer
