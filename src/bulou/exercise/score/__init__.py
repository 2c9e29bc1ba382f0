"""The score of a play: the truth, the actors' own logs and the platform's exports held against each other. Imports of Bulou only ``basis``.

What is judged here is never asked: no rule, list or figure is computed by the code that the platform runs.
"""
