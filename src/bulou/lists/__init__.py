"""Lists as people have them: read from files and pasted text, their columns recognised, compared, written out. Pure."""
