# The smallest profile that has everything, and only what is needed.
pack() {
    echo "-- $1"
    printf '%%%% py\n%b\n' "$1" >n.iomd
    shift
    tincture pack n.iomd "$@" && tincture info n.html | sed -n 's/^profile *//p'
}
pack 'import os'
pack 'import numpy as np'
pack 'import pandas as pd'
pack 'from matplotlib import pyplot'
pack 'import pandas, matplotlib'
pack 'import pandas\ndf.plot()'
pack 'import pandas\ndf.style.background_gradient()'
pack 'import numpy\nx.plot()'
pack '%matplotlib inline'
pack 'try:\n    import pandas\nexcept ImportError:\n    import nowhere'
pack 'importlib.import_module("numpy")'
pack 'if TYPE_CHECKING:\n    import pandas'
pack ' %%bash\nimport numpy'
pack 'import scipy.stats, sklearn, torch'
pack 'import bs4, tkinter'
pack 'from js import document'
pack '!pip install requests numpy'
pack 'import numpy' --profile core
pack 'import os' --profile scientific
pack 'import os' --profile huge
echo "-- an embedded file's imports"
echo 'import matplotlib' >helper.py
pack 'import helper' --file helper.py
