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

# load in the background. Where connections are kept, all are open when it
# returns; requests begin with run_load.
sub begin_load {
	my ($server, $clients, @arguments) = @_;
	my $is_kept = grep { $_ eq '-k' } @arguments;
	my @command = ("$programs/load", '-c', $clients, '-j',
	    $clients % $processes ? 1 : $processes, $is_kept ? '-o' : (),
	    @arguments, $server->address);
	my ($pipe, $end) = open_both(@command);
	my $load = { pipe => $pipe, end => $end, is_kept => $is_kept };
	if ($is_kept) {
		my $line = <$pipe>;
		die "the connections could not be opened\n"
		    unless defined $line && $line eq "opened\n";
	}
	return $load;
}

# A program with a pipe from its standard output, and one to its standard input.
sub open_both {
	my (@command) = @_;
	pipe my $input, my $end or die "pipe: $!";
	my $pid = open my $pipe, '-|';
	defined $pid or die "$command[0]: $!";
	unless ($pid) {
		open STDIN, '<&', $input;
		close $end;
		exec @command or POSIX::_exit(127);
	}
	return ($pipe, $end);
}

sub run_load {
	my ($load) = @_;
	syswrite $load->{end}, "\n" if $load->{is_kept};
}

# The result; kept connections are open still until close_load.
sub await_load {
	my ($load) = @_;
	my $line = readline $load->{pipe};
	defined $line or die "load printed nothing\n";
	my %got = $line =~ /(\w+)=([\d.]+)/g;
	$got{kinds} = join ' ', grep { !/=0$/ } $line =~ /errors=\d+ (.*)/
	    ? split(' ', $1) : ();
	return \%got;
}

sub close_load {
	my ($load) = @_;
	close $load->{end};
	close $load->{pipe};
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
	my $load = begin_load($server, $workload->{clients},
	    arguments($workload, $seconds));
	run_load($load);
	sleep $seconds / 2;
	my $kb = $server->group->memory_kb;
	await_load($load);
	close_load($load);
	return $kb;
}

# A server that serves already.
sub load {
	my ($server, $workload, $seconds) = @_;
	my $cpu = $server->group->cpu_us;
	my $load = begin_load($server, $workload->{clients},
	    arguments($workload, $seconds));
	$cpu = $server->group->cpu_us if $load->{is_kept};
	run_load($load);
	my $got = await_load($load);
	$cpu = $server->group->cpu_us - $cpu;
	close_load($load);
	$server->group->cpu_us;	# at rest
	my $all = $got->{requests} + $got->{errors};
	print STDERR $server->name, ": failed: $got->{kinds}\n"
	    if $got->{errors} && !$workload->{may_fail};
	return { rps => $got->{rps}, p50_us => $got->{p50},
	    p99_us => $got->{p99}, failed => $all ? $got->{errors} / $all : 0,
	    cpu_us => $got->{requests} ? $cpu / $got->{requests} : undef };
}

# Connections that stay open until the returned function is called, which returns
# how many of them the server has closed.
sub hold {
	my ($server, $count) = @_;
	my ($pipe, $end) = open_both("$programs/idle", $count, '/1k.txt',
	    $server->address);
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

# Servers give memory back after a while: the least of some seconds.
sub settled_kb {
	my ($server) = @_;
	my $least = $server->group->memory_kb;
	for (1 .. 5) {
		sleep 1;
		my $now = $server->group->memory_kb;
		$least = $now if $now < $least;
	}
	return $least;
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
	my $after = settled_kb($server);
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
