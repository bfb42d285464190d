"""Telling other programs over HTTP what happened: signed, tried again, kept until it was taken."""
