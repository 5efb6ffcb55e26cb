"""Have torch do the exercise.

earns: 0
status: unreadable
says: torch is not allowed here: this course is written in pure NumPy
"""

import torch

lstm_forward = torch.nn.LSTM
