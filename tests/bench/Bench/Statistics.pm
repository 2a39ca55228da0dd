# Medians, and what is known of them from few runs. Pure.
#
# SPDX-License-Identifier: ISC
package Bench::Statistics;
use strict;
use warnings;

# The chance that an interval has to have, where there are runs enough.
my $confidence = 0.95;

sub sorted {
	return sort { $a <=> $b } @_;
}

# undef without values.
sub median {
	my @values = sorted(@_) or return;
	return ($values[$#values / 2] + $values[@values / 2]) / 2;
}

# The chance that of that many values fewer than so many are below the median
# of what they are drawn from.
sub chance_below {
	my ($rank, $count) = @_;
	my ($sum, $term) = (0, 0.5 ** $count);
	for my $i (0 .. $rank - 1) {
		$sum += $term;
		$term *= ($count - $i) / ($i + 1);
	}
	return $sum;
}

# The narrowest pair of ranks, from 1, the same from below and from above, between
# which the median is by the confidence; and the chance that it is. Under six
# values even the least and the greatest have a smaller chance.
sub ranks {
	my ($count) = @_;
	my $rank = 1;
	$rank++ while 2 * ($rank + 1) <= $count
	    && 1 - 2 * chance_below($rank + 1, $count) >= $confidence;
	return ($rank, $count + 1 - $rank, 1 - 2 * chance_below($rank, $count));
}

# The interval of the median by order statistics, which asks nothing about how
# the values are distributed: low, high, chance. Nothing without values.
sub interval {
	my @values = sorted(@_) or return;
	my ($low, $high, $chance) = ranks(scalar @values);
	return ($values[$low - 1], $values[$high - 1], $chance);
}

# Of the same turn each: undef where one is missing or the reference is 0.
sub ratios {
	my ($values, $references) = @_;
	my @ratios;
	for my $turn (0 .. $#$values) {
		my ($value, $reference) = ($values->[$turn],
		    $references->[$turn]);
		push @ratios, $value / $reference
		    if defined $value && $reference;
	}
	return @ratios;
}

# What a table says: { median, low, high, chance, count }, or undef.
sub summary {
	my @values = grep { defined } @_;
	return unless @values;
	my ($low, $high, $chance) = interval(@values);
	return { median => median(@values), low => $low, high => $high,
	    chance => $chance, count => scalar @values };
}

1;
