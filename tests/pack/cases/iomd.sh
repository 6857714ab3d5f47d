# A whole report, so that a change of its markup is seen.
printf '%%%% md\n# A title &amp; <b>more\n%%%% css\np {}\n%%%% py\nimport sys\nif 1 < 2:\n    "</script>"\n%%%% raw\nx\n%%%% js skipRunAll\n1\n' >n.iomd
tincture pack n.iomd
cat n.html
