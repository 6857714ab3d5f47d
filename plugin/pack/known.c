/* Tables of names; every entry saves a reader of messages a search. */
#include "known.h"

#include <string.h>

static const struct {
    const char *module;
    const char *package; /* NULL: called as the module */
    enum tn_known known;
} modules[] = {
    {"bs4", "beautifulsoup4", TN_KNOWN_NOT},
    {"dateutil", "python-dateutil", TN_KNOWN_NOT},
    {"docx", "python-docx", TN_KNOWN_NOT},
    {"mpl_toolkits", "matplotlib", TN_KNOWN_NOT},
    {"pptx", "python-pptx", TN_KNOWN_NOT},
    {"typing_extensions", "typing-extensions", TN_KNOWN_NOT},

    {"Bio", "biopython", TN_KNOWN_COMPILED},
    {"Crypto", "pycryptodome", TN_KNOWN_COMPILED},
    {"PIL", "pillow", TN_KNOWN_COMPILED},
    {"astropy", NULL, TN_KNOWN_COMPILED},
    {"bottleneck", NULL, TN_KNOWN_COMPILED},
    {"cartopy", NULL, TN_KNOWN_COMPILED},
    {"catboost", NULL, TN_KNOWN_COMPILED},
    {"cffi", NULL, TN_KNOWN_COMPILED},
    {"contourpy", NULL, TN_KNOWN_COMPILED},
    {"cryptography", NULL, TN_KNOWN_COMPILED},
    {"cupy", NULL, TN_KNOWN_COMPILED},
    {"cv2", "opencv-python", TN_KNOWN_COMPILED},
    {"cython", NULL, TN_KNOWN_COMPILED},
    {"duckdb", NULL, TN_KNOWN_COMPILED},
    {"fastparquet", NULL, TN_KNOWN_COMPILED},
    {"fiona", NULL, TN_KNOWN_COMPILED},
    {"gensim", NULL, TN_KNOWN_COMPILED},
    {"geopandas", "geopandas (which needs shapely)", TN_KNOWN_COMPILED},
    {"h5py", NULL, TN_KNOWN_COMPILED},
    {"jax", "jax (which needs jaxlib)", TN_KNOWN_COMPILED},
    {"keras", "keras (which needs a back end)", TN_KNOWN_COMPILED},
    {"kiwisolver", NULL, TN_KNOWN_COMPILED},
    {"lightgbm", NULL, TN_KNOWN_COMPILED},
    {"llvmlite", NULL, TN_KNOWN_COMPILED},
    {"lxml", NULL, TN_KNOWN_COMPILED},
    {"matplotlib", NULL, TN_KNOWN_COMPILED},
    {"netCDF4", NULL, TN_KNOWN_COMPILED},
    {"numba", NULL, TN_KNOWN_COMPILED},
    {"numexpr", NULL, TN_KNOWN_COMPILED},
    {"numpy", NULL, TN_KNOWN_COMPILED},
    {"pandas", NULL, TN_KNOWN_COMPILED},
    {"polars", NULL, TN_KNOWN_COMPILED},
    {"psycopg2", NULL, TN_KNOWN_COMPILED},
    {"pyarrow", NULL, TN_KNOWN_COMPILED},
    {"pydantic", "pydantic (which needs pydantic-core)", TN_KNOWN_COMPILED},
    {"pyproj", NULL, TN_KNOWN_COMPILED},
    {"pywt", "PyWavelets", TN_KNOWN_COMPILED},
    {"rasterio", NULL, TN_KNOWN_COMPILED},
    {"rpy2", NULL, TN_KNOWN_COMPILED},
    {"scipy", NULL, TN_KNOWN_COMPILED},
    {"shapely", NULL, TN_KNOWN_COMPILED},
    {"skimage", "scikit-image", TN_KNOWN_COMPILED},
    {"sklearn", "scikit-learn", TN_KNOWN_COMPILED},
    {"spacy", NULL, TN_KNOWN_COMPILED},
    {"statsmodels", NULL, TN_KNOWN_COMPILED},
    {"tables", NULL, TN_KNOWN_COMPILED},
    {"tensorflow", NULL, TN_KNOWN_COMPILED},
    {"tiktoken", NULL, TN_KNOWN_COMPILED},
    {"torch", NULL, TN_KNOWN_COMPILED},
    {"torchvision", NULL, TN_KNOWN_COMPILED},
    {"transformers", "transformers (which needs tokenizers)",
     TN_KNOWN_COMPILED},
    {"xgboost", NULL, TN_KNOWN_COMPILED},
    {"yaml", "PyYAML", TN_KNOWN_COMPILED},
    {"zmq", "pyzmq", TN_KNOWN_COMPILED},

    {"curses", NULL, TN_KNOWN_LIBRARY},
    {"ensurepip", NULL, TN_KNOWN_LIBRARY},
    {"fcntl", NULL, TN_KNOWN_LIBRARY},
    {"grp", NULL, TN_KNOWN_LIBRARY},
    {"idlelib", NULL, TN_KNOWN_LIBRARY},
    {"msvcrt", NULL, TN_KNOWN_LIBRARY},
    {"pwd", NULL, TN_KNOWN_LIBRARY},
    {"readline", NULL, TN_KNOWN_LIBRARY},
    {"resource", NULL, TN_KNOWN_LIBRARY},
    {"syslog", NULL, TN_KNOWN_LIBRARY},
    {"termios", NULL, TN_KNOWN_LIBRARY},
    {"tkinter", NULL, TN_KNOWN_LIBRARY},
    {"turtle", NULL, TN_KNOWN_LIBRARY},
    {"venv", NULL, TN_KNOWN_LIBRARY},
    {"winreg", NULL, TN_KNOWN_LIBRARY},
    {"winsound", NULL, TN_KNOWN_LIBRARY},

    {"js", NULL, TN_KNOWN_PAGE},
    {"pyodide", NULL, TN_KNOWN_PAGE},
    {"pyodide_js", NULL, TN_KNOWN_PAGE},
};

static bool
is_text(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

enum tn_known
tn_known_module(const char *name, size_t size, const char **package)
{
    *package = NULL;
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        if (is_text(name, size, modules[i].module)) {
            *package = modules[i].package != NULL ? modules[i].package
                                                  : modules[i].module;
            return modules[i].known;
        }
    }
    return TN_KNOWN_NOT;
}

const char *
tn_known_attribute(const char *attribute, size_t size, const char **module)
{
    /* DataFrame, Series and what they are grouped to; then Styler. */
    static const char *const plotting[] = {
        "plot", "hist", "boxplot", "background_gradient", "text_gradient",
    };
    for (size_t i = 0; i < sizeof plotting / sizeof plotting[0]; i++) {
        if (is_text(attribute, size, plotting[i])) {
            *module = "pandas";
            return "matplotlib";
        }
    }
    return NULL;
}

const char *
tn_known_magic(const char *magic, size_t size)
{
    return is_text(magic, size, "matplotlib") ||
                   is_text(magic, size, "pylab")
               ? "matplotlib"
               : NULL;
}
