# Yardsticks: not part of make check. A program of a yardstick goes into
# EXTRA_PROGRAMS, so that only its target builds it.
