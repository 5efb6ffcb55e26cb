"""How much of a submission is looked at."""

from dataclasses import dataclass

__all__ = [
    "ARCHIVES_CAP",
    "ARRAYS",
    "CANDIDATES_CAP",
    "CLASS_CAP",
    "CLASS_DIRECTORY_CAP",
    "DEPTH_CAP",
    "DIRECTORY_CAP",
    "FILES_CAP",
    "NESTED",
    "NOTEBOOK",
    "SHEET",
    "SIZE_CAP",
    "SOURCE",
    "Limit",
]

SIZE_CAP = 2 << 20


@dataclass(frozen=True, slots=True)
class Limit:
    """Bytes of one file, and what to do about a larger one."""

    size: int
    advice: str

    def says(self, name: str) -> str:
        """Tell that a file is too large."""
        return f"{name}: too large (limit {self.size >> 20} MB); {self.advice}"


SOURCE = Limit(SIZE_CAP, "hand in source code only")
ARRAYS = Limit(SIZE_CAP, "save fewer or smaller arrays")
#: The pictures of a notebook lie between its cells.
NOTEBOOK = Limit(16 << 20, "clear its outputs and save it again")
#: An archive inside an archive: it is read into memory.
NESTED = Limit(64 << 20, "hand in source code only")
#: What a platform writes about a class.
SHEET = Limit(64 << 20, "download it again")

#: Files of one submission, and folders in each other.
FILES_CAP = 20_000
DEPTH_CAP = 32
#: Archives opened in one submission, and files read for one exercise.
ARCHIVES_CAP = 8
CANDIDATES_CAP = 16
#: Bytes of the directory of a student's archive.
DIRECTORY_CAP = 8 << 20
#: Files in the archive of a class, and bytes of its directory.
CLASS_CAP = 400_000
CLASS_DIRECTORY_CAP = 160 << 20
