"""nbgrader itself, on what we write for it; run by its own nox session."""
