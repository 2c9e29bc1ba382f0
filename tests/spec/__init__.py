"""Spec tables: facts in, duties out, written by hand from the meaning. Rendered as docs/reference/handbook.md."""
