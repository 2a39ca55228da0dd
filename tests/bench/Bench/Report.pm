# The results on disk: JSON with each figure of each turn, the tables in Markdown,
# and a plot by gnuplot.
#
# SPDX-License-Identifier: ISC
package Bench::Report;
use strict;
use warnings;

use JSON::PP ();
use POSIX ();

use Bench;
use Bench::Group;
use Bench::Statistics;
use Bench::Table;

my $begin = '<!-- make bench: begin -->';
my $end = '<!-- make bench: end -->';

sub write_path {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
}

sub load_average {
	my ($load) = Bench::read_file('/proc/loadavg') =~ /^(\S+)/;
	return $load;
}

# What the figures depend on. No name of the machine.
sub machine {
	my ($model) = Bench::read_file('/proc/cpuinfo')
	    =~ /^model name\s*:\s*(.*)$/m;
	my ($kb) = Bench::read_file('/proc/meminfo') =~ /^MemTotal:\s+(\d+)/m;
	my ($system) = Bench::read_file('/etc/os-release')
	    =~ /^PRETTY_NAME="?([^"\n]*)/m;
	my (undef, undef, $release, undef, $type) = POSIX::uname();
	return { cores => Bench::cores(), processor => $model || $type,
	    memory_gib => int($kb / 1024 / 1024 + 0.5), system => $system,
	    kernel => $release =~ /^(\d+\.\d+)/, load_before => load_average(),
	    cpu_by => Bench::Group::method() };
}

sub headline {
	my ($results) = @_;
	my $m = $results->{machine};
	my $s = $results->{settings};
	return "$m->{cores} cores ($m->{processor}), $m->{memory_gib} GiB, "
	    . "$m->{system}, Linux $m->{kernel}; load average "
	    . "$m->{load_before} before"
	    . ($m->{load_after} ? " and $m->{load_after} after" : '')
	    . ". Up to $s->{turns} turns, $s->{seconds} s for "
	    . "each run of a load. Processor time: $m->{cpu_by}. Versions: "
	    . join(', ', map { "$_ $results->{versions}{$_}" }
		sort keys %{$results->{versions}}) . ".";
}

sub to_json {
	my ($results) = @_;
	return JSON::PP->new->canonical->pretty->encode($results);
}

sub from_json {
	my ($path) = @_;
	my $text = Bench::read_file($path) or die "$path: $!\n";
	return JSON::PP->new->decode($text);
}

sub to_markdown {
	my ($results) = @_;
	return headline($results) . "\n\n" . join '',
	    map { Bench::Table::markdown($_) } @{$results->{workloads}};
}

# Puts the tables between the marks of a page.
sub write_into {
	my ($path, $results) = @_;
	my $page = Bench::read_file($path);
	my $tables = to_markdown($results);
	$page =~ s/\Q$begin\E\n.*\Q$end\E/$begin\n$tables$end/s
	    or die "$path: it lacks the lines \"$begin\" and \"$end\"\n";
	write_path($path, $page);
}

# Processor time to that of the reference: a row for each workload of the kind
# load, a column for each server.
sub plot_data {
	my ($results) = @_;
	my @loads = grep { $_->{kind} eq 'load' && $_->{turns} }
	    @{$results->{workloads}};
	my (%seen, @names);
	for my $load (@loads) {
		push @names, grep { $load->{servers}{$_}{turns} && !$seen{$_}++ }
		    @{$load->{order}};
	}
	my $text = join(' ', 'workload', map { "\"$_\"" } @names) . "\n";
	for my $load (@loads) {
		my $reference = $load->{servers}{$load->{reference}}{figures};
		$text .= join(' ', $load->{name}, map {
		    my $s = Bench::Statistics::summary(
			Bench::Statistics::ratios(
			$load->{servers}{$_}{figures}{cpu_us} || [],
			$reference->{cpu_us} || []));
		    $s ? sprintf('%.4f', $s->{median}) : '?' } @names) . "\n";
	}
	return ($text, scalar @names);
}

sub plot {
	my ($results, $folder) = @_;
	my $gnuplot = Bench::find_program('gnuplot') or return;
	my ($data, $columns) = plot_data($results);
	return unless $columns;
	write_path("$folder/bench.dat", $data);
	my $last = $columns + 1;
	write_path("$folder/bench.plot", <<"END");
set terminal svg size 1200,600
set output '$folder/bench.svg'
set datafile missing '?'
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.8
set logscale y
set grid y
set key outside
set ylabel 'processor time of a request, reference = 1'
set xtics rotate by -30
plot for [i=2:$last] '$folder/bench.dat' using i:xtic(1) title columnheader(i)
END
	system($gnuplot, "$folder/bench.plot") == 0
	    or warn "gnuplot failed\n";
}

sub write_all {
	my ($results, $folder) = @_;
	-d $folder or mkdir $folder or die "$folder: $!\n";
	write_path("$folder/bench.json", to_json($results));
	write_path("$folder/bench.md", to_markdown($results));
	plot($results, $folder);
}

1;
