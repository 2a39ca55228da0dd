# Tables of the results: for a terminal and in Markdown. Pure.
#
# SPDX-License-Identifier: ISC
package Bench::Table;
use strict;
use warnings;

use Bench::Statistics;

sub decimals {
	my ($number) = @_;
	return $number >= 100 ? '%.0f' : $number >= 10 ? '%.1f' : '%.2f';
}

sub plain {
	my ($number) = @_;
	return sprintf decimals($number), $number;
}

sub milliseconds {
	return plain($_[0] / 1e3);
}

sub mebibytes {
	return plain($_[0] / 1024);
}

sub percent {
	my ($share) = @_;
	return $share == 0 ? '0' : sprintf '%.2g %%', 100 * $share;
}

# The columns of a kind: figure, title, how it is written, and whether its ratio
# to the reference has a column of its own.
my @load = ([ 'rps', 'requests/s', sub { sprintf '%.0f', shift }, 1 ],
    [ 'cpu_us', 'CPU us each', \&plain, 1 ],
    [ 'p50_us', 'p50 ms', \&milliseconds ],
    [ 'p99_us', 'p99 ms', \&milliseconds ],
    [ 'memory_kb', 'MiB', \&mebibytes ], [ 'failed', 'failed', \&percent ]);
my @time = ([ 'ms', 'ms', \&plain, 1 ], [ 'cpu_ms', 'CPU ms', \&plain, 1 ],
    [ 'memory_kb', 'MiB', \&mebibytes ]);
my %columns = (
	load => \@load,
	idle => [ [ 'memory_kb', 'MiB', \&mebibytes ],
	    [ 'each_kb', 'KiB each', \&plain, 1 ],
	    [ 'alone_p50_us', 'p50 ms without', \&milliseconds ],
	    [ 'p50_us', 'beside', \&milliseconds ],
	    [ 'alone_p99_us', 'p99 ms without', \&milliseconds ],
	    [ 'p99_us', 'beside', \&milliseconds ],
	    [ 'rps_kept', 'requests/s beside to without', \&plain ],
	    [ 'failed', 'closed', \&percent ] ],
	cold_start => \@time,
	reload => \@time,
);

# "0.53 [0.50, 0.56]": the median of the ratios of the same turn, and its
# interval.
sub ratio {
	my ($values, $references) = @_;
	my $s = Bench::Statistics::summary(
	    Bench::Statistics::ratios($values, $references)) or return '';
	return sprintf '%s [%s, %s]', map { plain($_) } @$s{qw(median low high)};
}

sub row {
	my ($columns, $name, $figures, $reference) = @_;
	my @cells = ($name);
	for (@$columns) {
		my ($figure, undef, $write, $has_ratio) = @$_;
		my $s = Bench::Statistics::summary(@{$figures->{$figure} || []});
		push @cells, $s ? $write->($s->{median}) : '';
		push @cells, ratio($figures->{$figure} || [],
		    $reference->{$figure} || []) if $has_ratio;
	}
	return \@cells;
}

# Of a workload of the results: the titles, the rows, and the notes on servers
# that have no row.
sub build {
	my ($workload) = @_;
	my $columns = $columns{$workload->{kind}};
	my $reference = $workload->{servers}{$workload->{reference} // ''} || {};
	my @titles = ('');
	for (@$columns) {
		push @titles, $_->[1];
		push @titles, "to $workload->{reference}"
		    if $_->[3] && defined $workload->{reference};
		push @titles, 'ratio'
		    if $_->[3] && !defined $workload->{reference};
	}
	my (@rows, @notes);
	for my $name (@{$workload->{order}}) {
		my $server = $workload->{servers}{$name};
		push @notes, "$name: $server->{missing}" if $server->{missing};
		push @rows, row($columns, $name, $server->{figures},
		    $reference->{figures} || {}) if $server->{turns};
	}
	return (\@titles, \@rows, \@notes);
}

sub text {
	my ($workload) = @_;
	my ($titles, $rows, $notes) = build($workload);
	my @width = map { my $column = $_; my $most = 0;
	    for (map { $_->[$column] } $titles, @$rows) {
		$most = length if length > $most;
	    } $most } 0 .. $#$titles;
	my $text = "\n$workload->{name}: $workload->{text}\n\n";
	for my $row ($titles, @$rows) {
		$text .= sprintf('%-*s', $width[0], $row->[0]) . join('',
		    map { sprintf '  %*s', $width[$_], $row->[$_] }
		    1 .. $#$row) . "\n";
	}
	return $text . join '', map { "$_\n" } @$notes;
}

sub markdown {
	my ($workload) = @_;
	my ($titles, $rows, $notes) = build($workload);
	my $text = "### $workload->{name}\n\n$workload->{text} "
	    . "Turns: $workload->{turns}.\n\n";
	my @lines = ($titles, [ '---', ('--:') x $#$titles ], @$rows);
	$text .= '| ' . join(' | ', @$_) . " |\n" for @lines;
	$text .= "\nNot measured: " . join('; ', @$notes) . ".\n" if @$notes;
	return "$text\n";
}

1;
