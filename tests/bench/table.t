# The tables of make bench.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use lib ($ENV{PRONG_SRCDIR} || '.') . '/tests/bench';
use Bench::Table;

sub server {
	my (%figures) = @_;
	return { turns => 3, figures => \%figures };
}

my $workload = { name => 'kept', text => 'Kept connections.', turns => 3,
    kind => 'load', order => [ 'nginx', 'prong', 'h2o', 'late' ],
    reference => 'nginx', servers => {
	nginx => server(rps => [ 1000, 2000, 4000 ], cpu_us => [ 10, 20, 30 ],
	    p50_us => [ 500 ], failed => [ 0, 0, 0 ]),
	prong => server(rps => [ 500, 1000, 4000 ], cpu_us => [ 15, 30, 60 ],
	    p50_us => [ 1500 ], memory_kb => [ 2048 ], failed => [ 0.5 ]),
	h2o => { turns => 0, figures => {}, missing => 'not installed' },
	late => { turns => 1, figures => { rps => [ 3000 ] },
	    missing => 'has ended' },
    } };

my ($titles, $rows, $notes) = Bench::Table::build($workload);
is_deeply([ map { scalar @$_ } @$rows ], [ (scalar @$titles) x 3 ],
    'each row has as many cells as there are titles');
is_deeply([ map { $_->[0] } @$rows ], [ 'nginx', 'prong', 'late' ],
    'a server has a row if it has run');
is_deeply($notes, [ 'h2o: not installed', 'late: has ended' ],
    'a server that was not measured, or not to the end, is named');
is($rows->[1][1], '1000', 'a figure is the median of the turns');
is($rows->[1][2], '0.50 [0.50, 1.00]',
    'a ratio is the median of the ratios of turns, not that of medians');
is($rows->[0][2], '1.00 [1.00, 1.00]', 'the ratio of the reference is 1');
is($rows->[1][5], '1.50', 'latencies are milliseconds');
is($rows->[1][7], '2.00', 'memory is MiB');
is($rows->[0][7], '', 'a figure that is not there is an empty cell');
is($rows->[1][8], '50 %', 'failures are a share');
is($rows->[2][2], '3.00 [3.00, 3.00]',
    'a server that has not run to the end is compared in the turns it ran');

like(Bench::Table::text($workload), qr/^prong  +1000  +0\.50 \[/m,
    'the text has a line for each server');
my $markdown = Bench::Table::markdown($workload);
like($markdown, qr/^### kept\n\nKept connections\. Turns: 3\.\n\n\|  \|/,
    'the page has title and sentence');
like($markdown, qr/^\| --- (?:\| --: ){8}\|$/m, 'numbers are to the right');
like($markdown, qr/^Not measured: h2o: not installed; late: has ended\.$/m,
    'the page names what was not measured');

$workload->{reference} = undef;
like(Bench::Table::text({ %$workload, order => ['h2o'] }),
    qr/^h2o: not installed$/m, 'without any server there is a table still');
done_testing;
