"""Prompts as files that people can read and change, and the one helper base of the ops that ask with them.

Stands between text/ and the wings: it may import core and text, and generate/ and curate/ may import it (docs/decisions/0005).
"""

from .asking import Asking
from .prompt import Prompt, built_in, built_in_names

__all__ = ["Asking", "Prompt", "built_in", "built_in_names"]
