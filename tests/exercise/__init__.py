"""The exercise: a city whose truth is known."""
