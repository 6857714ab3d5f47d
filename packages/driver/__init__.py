"""The packages driver: toolchain, sources, recipes and their cache.

Reading order: ../build.py (the commands), recipe.py (what a recipe says),
cache.py (when a result may be used again), plan.py (the order of work),
systems/ (how a build system is driven), toolchain.py, source.py.
"""
