"""Nouns and laws; standard library only. Each file imports only those above it: errors, rows, ports, context, op, metric, recipe."""
