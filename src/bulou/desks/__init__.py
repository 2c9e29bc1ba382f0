"""Desks: verbs, sheets and pages of one kind of work each. No desk knows another; they meet in facts."""
