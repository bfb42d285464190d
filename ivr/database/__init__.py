"""Databases: opening one, what its errors mean, and bringing its tables up to date."""
