# One run of a workload with one server: figures by their names, in the units of
# the names. Bench::Report has what the tables call them.
#
# SPDX-License-Identifier: ISC
package Bench::Measure;
use strict;
use warnings;

use Time::HiRes qw(time sleep);

use Bench;
use Bench::Server;

my $programs = ($ENV{PRONG_BUILDDIR} || '.') . '/tests/bench';
my $processes = 2;	# of the program load
my $warm_seconds = 1;	# at most

# load in the background, as a pipe.
sub begin_load {
	my ($server, $clients, @arguments) = @_;
	my @command = ("$programs/load", '-c', $clients, '-j',
	    $clients % $processes ? 1 : $processes, @arguments,
	    $server->address);
	open my $pipe, '-|', @command or die "load cannot be run: $!\n";
	return $pipe;
}

sub end_load {
	my ($pipe) = @_;
	my $line = join '', <$pipe>;
	close $pipe;
	my %got = $line =~ /(\w+)=([\d.]+)/g;
	die "load printed nothing\n" unless exists $got{requests};
	return \%got;
}

sub arguments {
	my ($workload, $seconds) = @_;
	return ('-s', $seconds, @{$workload->{arguments}},
	    $workload->{body} ? ('-b', "$Bench::folder/www1/$workload->{body}")
	    : (), $workload->{may_fail} ? ('-f', 1e9) : ());
}

# Requests before the first turn, and the memory of the server in their midst.
sub warm {
	my ($server, $workload, $seconds) = @_;
	$seconds = $warm_seconds if $seconds > $warm_seconds;
	my $pipe = begin_load($server, $workload->{clients},
	    arguments($workload, $seconds));
	sleep $seconds / 2;
	my $kb = $server->group->memory_kb;
	end_load($pipe);
	return $kb;
}

# A server that serves already.
sub load {
	my ($server, $workload, $seconds) = @_;
	my $cpu = $server->group->cpu_us;
	my $got = end_load(begin_load($server, $workload->{clients},
	    arguments($workload, $seconds)));
	$cpu = $server->group->cpu_us - $cpu;
	my $all = $got->{requests} + $got->{errors};
	return { rps => $got->{rps}, p50_us => $got->{p50},
	    p99_us => $got->{p99}, failed => $all ? $got->{errors} / $all : 0,
	    cpu_us => $got->{requests} ? $cpu / $got->{requests} : undef };
}

# Connections that stay open until the returned function is called, which returns
# how many of them the server has closed.
sub hold {
	my ($server, $count) = @_;
	pipe my $input, my $end or die "pipe: $!";
	my $pid = open my $pipe, '-|';
	defined $pid or die "idle: $!";
	unless ($pid) {
		open STDIN, '<&', $input;
		close $end;
		exec "$programs/idle", $count, '/1k.txt', $server->address
		    or POSIX::_exit(127);
	}
	close $input;
	my $line = <$pipe>;
	die "idle: not all connections could be opened in time\n"
	    unless defined $line && $line =~ /^idle=/;
	return sub {
		close $end;
		my ($open) = (<$pipe> // '') =~ /^open=(\d+)/;
		close $pipe;
		return $count - ($open || 0);
	};
}

sub idle {
	my ($peer, $workload, $seconds, $www) = @_;
	my $server = Bench::Server->start($peer, root => "${www}1",
	    map { $_ => $workload->{$_} } qw(places clients));
	my $active = { clients => $workload->{active}, body => '1k.txt',
	    arguments => [ '-k', '-p', '/1k.txt' ] };
	my $alone = load($server, $active, $seconds);
	my $before = $server->group->memory_kb;
	my $release = hold($server, $workload->{idle});
	my $after = $server->group->memory_kb;
	my $beside = load($server, $active, $seconds);
	my $closed = $release->();
	$server->stop;
	return { memory_kb => $after,
	    each_kb => ($after - $before) / $workload->{idle},
	    alone_p50_us => $alone->{p50_us}, alone_p99_us => $alone->{p99_us},
	    p50_us => $beside->{p50_us}, p99_us => $beside->{p99_us},
	    rps_kept => $alone->{rps} ? $beside->{rps} / $alone->{rps} : undef,
	    failed => $closed / $workload->{idle} };
}

# Milliseconds until a file has its content, and those of the processors.
sub timed {
	my ($server, $do, $content) = @_;
	my $cpu = $server->group->used_us;
	my $begin = time;
	$do->();
	$server->wait_content('/generation', $content);
	my $ms = (time - $begin) * 1e3;
	return { ms => $ms,
	    cpu_ms => ($server->group->cpu_us - $cpu) / 1e3,
	    memory_kb => $server->group->memory_kb };
}

sub cold_start {
	my ($peer, $workload, undef, $www) = @_;
	my $server = Bench::Server->prepare($peer, root => "${www}1",
	    map { $_ => $workload->{$_} } qw(places clients));
	my $figures = timed($server, sub { $server->launch }, 1);
	$server->stop;
	return $figures;
}

sub reload {
	my ($peer, $workload, undef, $www) = @_;
	my $server = Bench::Server->start($peer, root => "${www}1",
	    map { $_ => $workload->{$_} } qw(places clients));
	$server->group->cpu_us;
	my $figures = timed($server, sub { $server->reload("${www}2") }, 2);
	$server->stop;
	return $figures;
}

1;
