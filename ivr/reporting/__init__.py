"""The report on calls: one searchable row a call, and figures over a period with the one before."""
