tincture --version
tincture --help
tincture pack --help
tincture unpack --help
tincture info --help
tincture compress --help
tincture repack --help
