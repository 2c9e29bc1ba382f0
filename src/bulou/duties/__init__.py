"""Duties: what follows from facts under rules, kept as a history of what was owed and known when."""
