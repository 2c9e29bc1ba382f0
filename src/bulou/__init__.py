"""Bulou (不漏): who owes which duty, who has done it, who has not, and who answers for the gap."""

__version__ = "0.1.0"
