#!/bin/sh
# Makes the fonts in this folder again from those of Debian's fonts-dejavu-core
# and fonts-dejavu-extra, with fontTools (Debian's package fonttools).
set -eu
cd "$(dirname "$0")"
from=${1:-/usr/share/fonts/truetype/dejavu}

# Latin with its extensions A and B and the letters of Vietnamese, marks to
# combine, Greek, Cyrillic, punctuation, currencies, and a few signs; U+25A1
# stands for what is not here.
letters=U+0020-007E,U+00A0-024F,U+0259,U+02B9-02DD,U+0300-0337,U+0370-03FF,U+0400-04FF,U+1E00-1EFF
signs=U+2010-2027,U+202F-205E,U+2070-209C,U+20A0-20BF,U+2103,U+2116,U+2117,U+2120,U+2122,U+2126,U+2150-215E,U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265,U+25A1,U+25CF,U+FFFD

for style in "" -Bold; do
	fonttools subset "$from/DejaVuSansCondensed$style.ttf" \
		--unicodes="$letters,$signs" --output-file="DejaVuSansCondensed$style.ttf" \
		--no-hinting --desubroutinize --layout-features= --drop-tables+=GSUB,GPOS,GDEF,kern,FFTM --name-IDs=0,1,2,3,4,5,6,13,14 --no-glyph-names --notdef-outline
done
