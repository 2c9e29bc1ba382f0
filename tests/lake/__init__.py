"""The lake: what it keeps, what it deletes, and that a question of it means what the definition says."""
