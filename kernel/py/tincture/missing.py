"""What to do about a package that is not here, in words.

Used where an import fails and by %pip.  Nothing is fetched: packages come
into a report when it is packed.
"""

from __future__ import annotations

import sys

# Modules that Tincture builds in, and the smallest profile that has each.
BUILT_IN = {
    "numpy": "numpy",
    "pandas": "pandas",
    "matplotlib": "matplotlib",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "PIL": "matplotlib",
    "contourpy": "matplotlib",
    "cycler": "matplotlib",
    "fontTools": "matplotlib",
    "kiwisolver": "matplotlib",
    "packaging": "matplotlib",
    "pyparsing": "matplotlib",
    "dateutil": "matplotlib",
    "jinja2": "pandas",
    "markupsafe": "pandas",
}

# Modules that go with any profile, where a notebook imports them.
BESIDE = frozenset(
    """
    hypothesis iniconfig pluggy pygments pytest sortedcontainers
    tincture_tests
    """.split()
)

# Distributions by the module that one imports, where the names differ.
DISTRIBUTIONS = {
    "Crypto": "pycryptodome",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "fontTools": "fonttools",
    "git": "GitPython",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "pptx": "python-pptx",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}

# Modules of well-known packages with compiled parts, which cannot come as a
# wheel.
COMPILED = frozenset(
    """
    Bio Crypto astropy cartopy catboost cupy cv2 cvxpy cython duckdb
    fastparquet fiona gensim geopandas grpc h5py jax jaxlib keras lightgbm
    llvmlite lxml netCDF4 numba numexpr onnx onnxruntime orjson osgeo
    polars psutil psycopg2 pyarrow pydantic_core pygame pymc pyproj rasterio
    regex rpy2 scipy shapely skimage sklearn spacy statsmodels
    tables tensorflow tiktoken tokenizers torch torchvision transformers
    ujson xgboost zmq
    """.split()
)

# Packages that are pure Python but of no use in a page.
_USELESS = {
    "ipywidgets": "Its widgets need Jupyter's page to be seen.  "
    "%matplotlib gives figures that can be moved and zoomed.",
}


def find_distribution(module: str) -> str:
    """The name that pip has for a module."""
    return DISTRIBUTIONS.get(module, module)


def _describe_built_in(module: str) -> str:
    text = (
        f"{module} comes with Tincture, but this report was packed without "
        "it.  Pack the notebook again with an import of it in a cell"
    )
    if module in BESIDE:
        return f"{text}."
    return (
        f"{text}, or with `--profile {BUILT_IN[module]}` (`--profile "
        "scientific` brings all)."
    )


def explain(module: str, requirement: str | None = None) -> str:
    """What to do about a module that is not here, or about a requirement
    that would bring it."""
    name = requirement or find_distribution(module)
    if module in BUILT_IN or module in BESIDE:
        return _describe_built_in(module)
    if module in sys.stdlib_module_names:
        return (
            f"{module} is a part of the standard library that this Python "
            "is built without: a page has no such thing."
        )
    if module in COMPILED:
        return (
            f"{name} has compiled parts, and is not among the packages that "
            "Tincture builds in (numpy, pandas, matplotlib and what they "
            "need)."
        )
    if module in _USELESS:
        return f"{module} is not in this report.  {_USELESS[module]}"
    text = (
        f"{requirement or module} is not in this report.  A pure-Python "
        f'package comes along with `tincture pack --requirements "{name}"`'
    )
    if requirement is not None:
        return f"{text}."
    return f"{text}, a file of your own with `--file {module}.py`."


def _is_there(module: str) -> bool:
    from importlib.util import find_spec

    try:
        return module in sys.modules or find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _is_stand_in() -> bool:
    from tincture import imports

    return imports.is_stand_in()


def add_note(error: ModuleNotFoundError) -> None:
    """Let the exception say what to do."""
    name = error.name
    if not isinstance(name, str) or not name:
        return
    is_noted = bool(getattr(error, "__notes__", None))
    if name.startswith("IPython.") and not is_noted and _is_stand_in():
        error.add_note(
            "This is Tincture's small stand-in for IPython.  The real one "
            "comes along with `tincture pack --requirements ipython`."
        )
    if "." in name or is_noted:
        return
    if not _is_there(name):
        error.add_note(explain(name))


def find_version(distribution: str) -> str | None:
    """The version that is here, or None."""
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def find_module(distribution: str) -> str:
    """The module that a distribution brings."""
    wanted = distribution.lower().replace("_", "-")
    for module, name in DISTRIBUTIONS.items():
        if name.lower() == wanted:
            return module
    return distribution.replace("-", "_")


# What only installs other packages.
_INSTALLERS = ("pip", "setuptools", "wheel")


def explain_requirement(requirement: str) -> str:
    """The answer to `pip install requirement`."""
    if "/" in requirement or requirement == ".":
        return (
            f"{requirement} is not in this report.  A wheel comes along with "
            "`tincture pack --wheel FILE`, a package that has a name with "
            "`--requirements NAME`."
        )
    end = 0
    while end < len(requirement) and (
        requirement[end].isalnum() or requirement[end] in "-_."
    ):
        end += 1
    name = requirement[:end]
    if name.lower() in _INSTALLERS:
        return f"{name} has nothing to do here."
    version = find_version(name)
    if version is not None:
        return f"{name} {version} is here already."
    module = find_module(name)
    if _is_there(module):
        return f"{name} is here already."
    return explain(module, requirement)
