"""The parts of IPython.lib that notebooks import."""
