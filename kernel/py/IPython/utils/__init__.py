"""The parts of IPython.utils that notebooks import."""
