"""Carousel: grades recurrent networks written from scratch in NumPy.

Deliberately empty: the worker that runs a submission imports parts of this
package, and must not load the graders with them.
"""
