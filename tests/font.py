"""Make the Chinese font of the figures anew: ``python -m tests.font NotoSansCJK-Regular.ttc``.

The file comes with the package fonts-noto-cjk of Debian and others. One face of it is kept, for simplified Chinese,
without hints, under a name of its own, so that no installed font is ever taken for it: the 3,755 common letters of
GB 2312, full-width punctuation, and every wide sign in the files of the project.
"""

import sys
import unicodedata
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

from sim.figures.fonts import CHINESE, FILE

ROOT = Path(__file__).resolve().parent.parent
FACE = "Noto Sans CJK SC"
HINTED = (
    "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
    "maxSizeOfInstructions", "maxComponentElements",
)  # fmt: skip
LEFT_OUT = ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]  # other forms of letters, vertical text


def common() -> set[str]:
    """Letters of level 1 of GB 2312, by pronunciation, and the rows of punctuation and full-width signs."""
    level_1 = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    letters = b"".join(level_1).decode("gb2312", errors="ignore")  # the last row is not full
    return {*letters, *map(chr, range(0x3001, 0x3018)), *map(chr, range(0xFF01, 0xFF5F))}


def written() -> set[str]:
    """Wide signs in the scenarios, designs, targets, tables of words and code of the project."""
    tables = [path for folder in ("scenarios", "calibration", "sim") for path in (ROOT / folder).rglob("*.toml")]
    texts = [path.read_text(encoding="utf-8") for path in (*tables, *(ROOT / "sim").rglob("*.py"))]
    signs = set("".join(texts))
    return {sign for sign in signs if unicodedata.east_asian_width(sign) in "WF"}


def subset(font: TTFont) -> TTFont:
    """Keep the signs that are wanted, and name the font after what it is."""
    options = Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], name_languages=[0x409])
    options.drop_tables += LEFT_OUT
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(common() | written())))
    subsetter.subset(font)
    for number, name in {1: CHINESE, 3: CHINESE, 4: CHINESE, 6: CHINESE.replace(" ", "")}.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    return font


def outlined(font: TTFont) -> TTFont:
    """Turn cubic outlines into the quadratic ones of TrueType, which every reader of PDF takes."""
    shapes, glyphs = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphs, font["glyf"].glyphOrder = glyphs, font.getGlyphOrder()
    del font["CFF "]
    font["maxp"].tableVersion, font["maxp"].maxZones = 0x00010000, 1
    for name in HINTED:
        setattr(font["maxp"], name, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
    return font


def main(source: str) -> None:
    """Write the font."""
    faces = TTCollection(source, lazy=True).fonts
    face = next(font for font in faces if font["name"].getDebugName(1) == FACE)
    face.recalcTimestamp = False  # the same file each time
    outlined(subset(face)).save(FILE)


if __name__ == "__main__":
    main(sys.argv[1])
