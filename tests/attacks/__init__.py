"""Hostile submissions, and the arena in which the real command grades them."""
