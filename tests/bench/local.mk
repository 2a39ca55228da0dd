# Yardsticks: not part of make check.
