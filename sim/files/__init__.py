"""Reading and writing files.

``storage`` writes them whole or not at all, ``limits`` bounds what is read, ``toml`` reads with positions,
``validation`` words mistakes, ``shipped`` locates data files.
"""
