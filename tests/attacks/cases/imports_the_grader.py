"""Import the grader's own package, which a worker would need for nothing but its secrets.

earns: 0
status: unreadable
says: No module named 'grader'
"""

from grader.seeds import private_key

print(private_key())
