# ---
# jupyter:
#   x: y
# ---

import os

# %% [markdown]
# # Title
#
# text

# %% A title
x = """
%%y
"""
#%%
# %% [md] T
"""
quoted
"""
# In[3]:

1
# %% [raw]
r