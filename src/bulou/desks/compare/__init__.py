"""The compare bench: lists that disagree are brought together, each difference with its names."""
