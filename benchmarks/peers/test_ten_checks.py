"""The ten checks as a plain pytest file; lstm_cell is the submission."""

import lstm_cell
import pytest
import ten_checks


@pytest.mark.parametrize("name", ten_checks.CHECKS)
def test_lstm_cell(name):
    """One of the ten checks."""
    ten_checks.check(name, lstm_cell.step_forward, lstm_cell.step_backward)
