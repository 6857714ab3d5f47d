"""Tests of every fate, for the tests of the runner itself."""
