"""How the queue's tables came to be, step by step. Released steps are never changed; there is no way back."""
