"""The commands: one file each, thin, on top of the parts."""
