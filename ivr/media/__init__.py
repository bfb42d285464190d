"""Sound as numbers: 20 ms frames of 16-bit mono PCM, codecs, resampling, WAV files."""
