"""What happens next: the desk and its pure machine."""
