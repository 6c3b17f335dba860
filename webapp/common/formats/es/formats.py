"""Spanish as Panama writes it: 23 nov 2026, and a decimal point (es-PA), as its instruments print."""

# "b" is the month in small letters, as Spanish writes it.
DATE_FORMAT = SHORT_DATE_FORMAT = "j b Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j b Y, H:i"
TIME_FORMAT = "H:i"
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
