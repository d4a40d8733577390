"""Whether something on the screen is on its way out."""

from __future__ import annotations

from textual.dom import DOMNode


def is_leaving(node: DOMNode) -> bool:
    """True as soon as Textual takes ``node`` off the screen, with its screen or with the whole program.

    What is inside goes first; timers, workers and messages of the node itself go last and find nothing to draw on.
    """
    return node._pruning or not node.is_attached  # private in Textual 8.2: no public name tells before it is over
