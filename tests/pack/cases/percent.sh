cat >cells.py <<'J'
# ---
# jupyter:
#   kernelspec: python3
# ---

import sys

# %% [markdown]
# # A title
#
# Some *text*.

# %% First cell
x = """
%% not a delimiter
"""

#%%
print(x)

# %% [md]
"""
quoted text
"""
# In[3]:

1 + 1
# %% [raw]
# raw
J
tincture pack cells.py -o c.html
tincture unpack c.html -d out
cmp cells.py out/cells.py
cat out/cells.iomd; echo
grep -o '<script type="application/json" id="tincture-notebook">.*' c.html
printf 'print("whole")\n' >whole.py
tincture pack whole.py && tincture info whole.html | grep -E 'title|cells'
