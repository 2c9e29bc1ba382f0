"""Testing: tubes, samples, results, and what a positive pool asks for."""
