"""Questions of the analysis wing: tables in, tables out. Knows no Django, writes no fact, decides nothing about anyone."""
