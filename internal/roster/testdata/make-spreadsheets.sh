#!/usr/bin/env bash
# Writes the spreadsheet files beside it with LibreOffice (7.4 or later), as a
# person would who opens members.csv with it and saves it under another format:
#
#   semicolons.csv   csv with semicolons, UTF-8 with a byte order mark
#   utf16.csv        csv with semicolons, UTF-16 with a byte order mark
#   mangled.xlsx     workbook made from mangled.csv, in which LibreOffice takes
#                    telephone numbers, agent IDs and a date for numbers
#
# The options of the csv filter are, by position: separator, quotation mark,
# character set (76: UTF-8, 65535: UTF-16), first row, formats of the columns,
# language, quote all texts, detect special numbers (import) or store as shown
# (export), formulas, remove spaces, sheet, evaluate formulas, byte order mark.
set -euo pipefail
cd "$(dirname "$0")"

profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

# convert SOURCE OUTPUT FILTER: the columns of SOURCE are all text if PLAIN is set.
convert() {
  local columns=${PLAIN:+1/2/2/2/3/2/4/2/5/2/6/2/7/2/8/2/9/2}
  soffice "-env:UserInstallation=file://$profile" --headless \
    --infilter="CSV:44,34,76,1,${columns},1033,false,true" \
    --convert-to "$3" --outdir "$profile/out" "$1" >&2
  mv "$profile/out/${1%.csv}.${2##*.}" "$2"
}

PLAIN=1 convert members.csv semicolons.csv \
  'csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,0,,true'
# LibreOffice 7.4 knows no byte order mark in UTF-8 yet; later ones write it.
mark=$'\xEF\xBB\xBF'
if [[ $(head -c 3 semicolons.csv) != "$mark" ]]; then
  { printf '%s' "$mark"; cat semicolons.csv; } > "$profile/marked"
  cat "$profile/marked" > semicolons.csv
fi

PLAIN=1 convert members.csv utf16.csv \
  'csv:Text - txt - csv (StarCalc):59,34,65535,1,,0,false,true,false,false,false,0'

PLAIN='' convert mangled.csv mangled.xlsx 'xlsx:Calc MS Excel 2007 XML'
