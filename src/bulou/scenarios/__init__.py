"""Scenarios: real events told by what was published, around them a register and staff that are wholly made up and say so."""
