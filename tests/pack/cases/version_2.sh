# A report of version 2, from before there were snapshots, is still read.
tincture info "$DATA/version_2.html"
tincture unpack "$DATA/version_2.html" -d out
cat out/tee.iomd out/requirements.txt
cksum out/tee.ipynb out/d.csv out/large.txt
