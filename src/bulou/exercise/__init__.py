"""The exercise: a city whose truth is known, to be played through the same doors as people use. Feeds no assessment page; real data never enter it."""
