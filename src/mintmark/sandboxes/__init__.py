"""Boxes in which code runs that nobody has read: what implements the Sandbox port. docs/sandbox.md says what they hold and what not."""
