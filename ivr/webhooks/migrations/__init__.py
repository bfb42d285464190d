"""How the tables of what is to be sent came to be, step by step. Released steps are never changed."""
