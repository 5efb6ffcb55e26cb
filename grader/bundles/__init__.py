"""What `release` writes for the instructor's side of a platform. PRIVATE, all of it.

`formats.BUNDLES` is the list: a name, and who writes it into a folder.
"""
