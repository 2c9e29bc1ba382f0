"""Command: the board, gaps and who answers, zones, reports, what others published."""
