"""Showing a Report to people: on a terminal, on a page, on a class page.

Everything here is a pure function of `grader.model` values. Nothing is
graded, nothing is read from disk but the templates, and every string that a
student may have chosen is made harmless on its way out.
"""
