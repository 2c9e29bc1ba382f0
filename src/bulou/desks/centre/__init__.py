"""Keeping the centre: areas, posts and who holds them, users, editions in force, shift passes, looks."""
