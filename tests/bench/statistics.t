# Medians, intervals and ratios of make bench.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use lib ($ENV{PRONG_SRCDIR} || '.') . '/tests/bench';
use Bench::Statistics;

is(Bench::Statistics::median(), undef, 'no values have no median');
is(Bench::Statistics::median(7), 7, 'a value is its own median');
is(Bench::Statistics::median(9, 10, 1), 9,
    'values are ordered as numbers, not as text');
is(Bench::Statistics::median(4, 1, 3, 2), 2.5,
    'of an even number, the median is between the middle ones');

# Ranks as in tables of the sign test.
for ([ 1, 1, 1 ], [ 3, 1, 3 ], [ 5, 1, 5 ], [ 6, 1, 6 ], [ 8, 1, 8 ],
    [ 9, 2, 8 ], [ 11, 2, 10 ], [ 12, 3, 10 ], [ 15, 4, 12 ],
    [ 20, 6, 15 ]) {
	my ($count, $low, $high) = @$_;
	is_deeply([ (Bench::Statistics::ranks($count))[0, 1] ], [ $low, $high ],
	    "$count values: the ranks are $low and $high");
}

sub chance {
	return sprintf '%.4f', (Bench::Statistics::ranks(shift))[2];
}

is(chance(1), '0.0000', 'one value says nothing about the median');
is(chance(3), '0.7500', 'the chance of three values is 75 %');
is(chance(6), '0.9688', 'the chance of six values is 96.9 %');
is(chance(20), '0.9586', 'the chance of twenty values is 95.9 %');
cmp_ok((Bench::Statistics::ranks($_))[2], '>=', 0.95,
    "$_ values: the chance is not below the confidence") for 6 .. 20;

is_deeply([ Bench::Statistics::interval() ], [],
    'no values have no interval');
my @interval = Bench::Statistics::interval(9, 1, 8, 2, 7, 3, 6, 4, 5);
is_deeply([ @interval[0, 1] ], [ 2, 8 ],
    'nine values: the interval leaves out the least and the greatest');

is_deeply([ Bench::Statistics::ratios([ 2, 9, 8 ], [ 1, 3, 2 ]) ],
    [ 2, 3, 4 ], 'a ratio is of values of the same turn');
is_deeply([ Bench::Statistics::ratios([ 2, undef, 8, 6 ],
    [ 1, 3, 0, 2 ]) ], [ 2, 3 ],
    'a turn without one of the values has no ratio');
is_deeply([ Bench::Statistics::ratios([ 2, 4 ], [ 1 ]) ], [ 2 ],
    'a turn that the reference has not run has no ratio');

is(Bench::Statistics::summary(undef, undef), undef,
    'turns without values have no summary');
is_deeply(Bench::Statistics::summary(3, undef, 1, 2),
    { median => 2, low => 1, high => 3, chance => 0.75, count => 3 },
    'a summary leaves out turns without a value');

done_testing;
