"""Hidden probes: drawn again the same, and never the same for another key."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.seeds import DEMO_KEY, KEY_FILE_VARIABLE, KEY_VARIABLE, Seeds, private_key

seeds = st.integers(0, 2**64)
keys = st.binary(min_size=1, max_size=40)
names = st.lists(st.text("abcdefgh_", min_size=1, max_size=8), min_size=1, max_size=3)


# --- a key that cannot be read --------------------------------------------------------


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path to the key stops the grading; it never falls back to the demo key."""
    path = tmp_path / "no" / "key"
    with pytest.raises(UsageError, match="No such file") as caught:
        private_key({KEY_FILE_VARIABLE: str(path)})
    assert str(caught.value).startswith(f"CAROUSEL_KEY_FILE={path}: cannot read the private key: ")


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    """A folder in place of the key file stops the grading."""
    with pytest.raises(UsageError, match="cannot read the private key: Is a directory"):
        private_key({KEY_FILE_VARIABLE: str(tmp_path)})


@pytest.mark.parametrize("content", [b"", b"\n", b" \t\r\n"])
def test_an_empty_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file with nothing but blanks in it is no key."""
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="the key file is empty; put some random text in it"):
        private_key({KEY_FILE_VARIABLE: str(path)})


def test_a_key_in_the_environment_may_be_any_bytes() -> None:
    """Bytes that are no UTF-8 are a key as good as any."""
    assert private_key({KEY_VARIABLE: os.fsdecode(b"\xff\xfe")}) == b"\xff\xfe"


# --- where a key comes from -----------------------------------------------------------


@pytest.mark.parametrize("environment", [{}, {KEY_VARIABLE: ""}, {KEY_FILE_VARIABLE: ""}])
def test_without_a_key_the_demo_key_is_used(environment: dict[str, str]) -> None:
    """Nothing set, or set to nothing, means the public key, and the name says so."""
    key = private_key(environment)
    assert key == DEMO_KEY
    assert Seeds(seed=1, key=key).key_name == "demo"
    assert Seeds(seed=1).key_name == "demo"


def test_a_key_is_read_from_the_environment_first(tmp_path: Path) -> None:
    """The variable wins over the file; the file loses the blanks around its text."""
    path = tmp_path / "key"
    path.write_bytes(b"  from the file \n")
    both = {KEY_VARIABLE: "from the variable", KEY_FILE_VARIABLE: str(path)}
    assert private_key(both) == b"from the variable"
    assert private_key({KEY_FILE_VARIABLE: str(path)}) == b"from the file"


def test_the_surroundings_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Called without arguments, it reads the environment of the process."""
    monkeypatch.setenv(KEY_VARIABLE, "mine")
    assert private_key() == b"mine"


# --- what is drawn --------------------------------------------------------------------


@given(seeds, keys, names)
def test_the_same_names_draw_the_same_numbers(seed: int, key: bytes, words: list[str]) -> None:
    """A grading can be repeated to the bit."""
    one, other = Seeds(seed=seed, key=key), Seeds(seed=seed, key=key)
    assert one.entropy(*words) == other.entropy(*words)
    assert np.array_equal(one.rng(*words).random(4), other.rng(*words).random(4))
    assert 0 <= one.entropy(*words) < 2**128


@given(seeds, seeds, keys, keys, names, names)
def test_whatever_differs_draws_other_numbers(
    seed: int, seed2: int, key: bytes, key2: bytes, words: list[str], words2: list[str]
) -> None:
    """Another seed, another key or another criterion: other inputs."""
    here = Seeds(seed=seed, key=key).entropy(*words)
    if seed2 != seed:
        assert Seeds(seed=seed2, key=key).entropy(*words) != here
    if key2 != key:
        assert Seeds(seed=seed, key=key2).entropy(*words) != here
    if words2 != words:
        assert Seeds(seed=seed, key=key).entropy(*words2) != here


def test_names_do_not_run_into_each_other() -> None:
    """Two names are not the same as their parts put together otherwise."""
    here = Seeds(seed=1)
    assert here.entropy("ab", "c") != here.entropy("a", "bc") != here.entropy("abc")
    assert here.entropy("1") != Seeds(seed=11).entropy()


def test_a_generator_starts_afresh_each_time() -> None:
    """Drawing for one criterion leaves the next draw for it unchanged."""
    here = Seeds(seed=1)
    first = here.rng("gru", "gates").random(3)
    here.rng("gru", "other").random(100)
    assert np.array_equal(here.rng("gru", "gates").random(3), first)


def test_numbers_do_not_depend_on_the_process() -> None:
    """Another Python with another hash seed draws the same numbers."""
    code = "from grader.seeds import Seeds; print(Seeds(seed=7, key=b'k').entropy('a', 'b'))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "123", "PATH": os.environ["PATH"]},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(said.stdout) == Seeds(seed=7, key=b"k").entropy("a", "b")


# --- naming a key ---------------------------------------------------------------------


@given(st.binary(min_size=4, max_size=40), st.binary(min_size=4, max_size=40))
def test_a_key_is_named_without_giving_it_away(key: bytes, other: bytes) -> None:
    """The name tells keys apart and holds neither the key nor its plain digest."""
    assume(key != other)
    assume(DEMO_KEY not in (key, other))
    name = Seeds(seed=1, key=key).key_name
    assert name.startswith("private:")
    assert len(name) == len("private:") + 12
    assert name != Seeds(seed=1, key=other).key_name
    assert name == Seeds(seed=2, key=key).key_name
    assert key.hex() not in name
    assert key.decode("latin-1") not in name.removeprefix("private:")
    assert hashlib.sha256(key).hexdigest()[:12] not in name
