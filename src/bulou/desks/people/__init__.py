"""People and areas: the register as it is known, and who sits on which chair."""
