"""Tracing: cases, contacts, orders."""
